/** Finds the file that a row of a table means among the songs of a folder. */
import path from 'node:path';

/** Where several files answer to a name, none is meant. */
const ambiguous = Symbol('ambiguous');

export class AudioNames {
  readonly #folder: string;
  readonly #byPath = new Map<string, string>();
  readonly #byName = new Map<string, string | typeof ambiguous>();
  readonly #byStem = new Map<string, string | typeof ambiguous>();

  /** @param files songs at or below the folder */
  constructor(folder: string, files: Iterable<string>) {
    this.#folder = path.resolve(folder);
    for (const file of files) {
      const absolute = path.resolve(file);
      this.#byPath.set(absolute, absolute);
      const { base, name } = path.parse(absolute);
      for (const [map, key] of [
        [this.#byName, base],
        [this.#byStem, name],
      ] as const) {
        map.set(key, map.has(key) ? ambiguous : absolute);
      }
    }
  }

  /**
   * The file that a cell means: an absolute path, one below the folder, a file's name, or its name without the
   * ending. Null where there is none, or where a name alone fits several.
   */
  find(cell: string): string | null {
    const text = cell.trim();
    if (text === '') return null;
    const placed = this.#byPath.get(path.resolve(this.#folder, text));
    if (placed !== undefined) return placed;
    const name = text.split(/[\\/]/).at(-1) ?? text;
    for (const found of [
      this.#byName.get(name),
      this.#byStem.get(name),
      this.#byStem.get(path.parse(name).name),
    ]) {
      if (typeof found === 'string') return found;
    }
    return null;
  }

  /** The file of a track of the Free Music Archive: six digits, whatever the folder. */
  findTrack(cell: string): string | null {
    if (!/^\d+$/.test(cell.trim())) return null;
    const found = this.#byStem.get(cell.trim().padStart(6, '0'));
    return typeof found === 'string' ? found : null;
  }
}
