/** Reads fields from values of unknown shape: the first of several names that holds something sensible. */

/** Words with which generators say that they say nothing. */
const placeholders = new Set(['', 'n/a', 'na', 'none', 'null', 'unknown', 'auto', 'default', '-']);

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface NumberLimits {
  min: number;
  max: number;
}

/** The fields of one or several objects; the first object that answers wins. What is no object has no fields. */
export class Fields {
  readonly #objects: readonly JsonObject[];

  constructor(...values: readonly unknown[]) {
    this.#objects = values.filter(isJsonObject);
  }

  /** Whether any of these names is there, whatever it holds. */
  has(...names: readonly string[]): boolean {
    return names.some((name) => this.#objects.some((object) => Object.hasOwn(object, name)));
  }

  /** Running text such as a prompt or lyrics, cleaned and cut to a length in UTF-16 units. */
  text(maxLength: number, ...names: readonly string[]): string | null {
    return this.#first(names, (value) => (typeof value === 'string' ? cleanText(value, maxLength) : null));
  }

  /** A short term such as a key or a model; words that mean “not given” count as absent, numbers as text. */
  term(...names: readonly string[]): string | null {
    return this.#first(names, (value) => {
      const text = typeof value === 'number' ? String(value) : value;
      const term = typeof text === 'string' ? cleanText(text, 200) : null;
      return term === null || placeholders.has(term.toLowerCase()) ? null : term;
    });
  }

  /** A number within limits, also where it was written as text. */
  number({ min, max }: NumberLimits, ...names: readonly string[]): number | null {
    return this.#first(names, (value) => {
      const number =
        typeof value === 'string' && /^\s*-?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && number >= min && number <= max ? number : null;
    });
  }

  /** A whole number from 1 to a million. */
  count(...names: readonly string[]): number | null {
    const number = this.number({ min: 1, max: 1_000_000 }, ...names);
    return number === null ? null : Math.round(number);
  }

  /** Decimal digits of a seed; negative ones mean “random” and count as absent. */
  seed(...names: readonly string[]): string | null {
    return this.#first(names, seedText);
  }

  /** The value under the first name that is there, unchecked. */
  value(...names: readonly string[]): unknown {
    return this.#first(names, (value) => value ?? null);
  }

  #first<T>(names: readonly string[], read: (value: unknown) => T | null): T | null {
    for (const object of this.#objects) {
      for (const name of names) {
        const found = Object.hasOwn(object, name) ? read(object[name]) : null;
        if (found !== null) return found;
      }
    }
    return null;
  }
}

/** The decimal digits of a value that is a seed, null for anything else. */
export function seedText(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  return typeof value === 'string' && /^\s*\d{1,40}\s*$/.test(value) ? value.trim() : null;
}

/** Text that any program can show and store: whole characters, plain line ends, no control characters. */
export function cleanText(text: string, maxLength: number): string | null {
  const clean = text
    .slice(0, maxLength * 2)
    .replace(/\r\n?/g, '\n')
    // eslint-disable-next-line no-control-regex -- control characters are what has to go
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .trim()
    .slice(0, maxLength)
    .toWellFormed();
  return clean === '' ? null : clean;
}
