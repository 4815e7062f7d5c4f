/** JSON from strangers: any Unicode encoding, Python's habits, bounded size and depth, whole large integers. */

/** Beyond these, a text is no generator's record of one song or one run. */
const maxDepth = 64;
const maxValues = 200_000;

/** Why a text is not taken, in words for the log. */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson';
}

/**
 * Text from bytes: UTF-8 or UTF-16, with or without a byte order mark. Bytes that are none of these are read as
 * Windows-1252, in which Python writes on Windows unless told otherwise.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return decode('utf-16le', bytes);
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return decode('utf-16be', bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decode('windows-1252', bytes);
  }
}

/**
 * Parses JSON. Integers beyond 2^53 become their digits as text, the numbers that JSON lacks but Python writes
 * (`NaN`, `Infinity`) become null. Objects keep a name such as `__proto__` as a property of their own.
 *
 * @throws UnreadableJson where it is not JSON, or nests deeper or holds more than any generator writes
 */
export function parseUntrustedJson(text: string): unknown {
  try {
    return JSON.parse(withoutForeignNumbers(text), keepLargeIntegers);
  } catch (thrown) {
    if (thrown instanceof UnreadableJson) throw thrown;
    throw new UnreadableJson('it is not JSON', { cause: thrown });
  }
}

function decode(encoding: string, bytes: Uint8Array): string {
  return new TextDecoder(encoding).decode(bytes);
}

/** `context` is given for primitive values and holds their text. */
function keepLargeIntegers(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d{1,40}$/.test(source) ? source : value;
}

/** The text with null in place of Python's numbers, checked for depth and count before anything is built of it. */
function withoutForeignNumbers(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charAt(index)) {
      case '"':
        index = endOfString(text, index);
        break;
      case '[':
      case '{':
        depth += 1;
        values += 1;
        if (depth > maxDepth) throw new UnreadableJson('it is nested too deeply');
        break;
      case ']':
      case '}':
        depth -= 1;
        break;
      case ',':
        values += 1;
        break;
      case 'N':
      case 'I': {
        const word = ['NaN', 'Infinity'].find((name) => text.startsWith(name, index));
        if (word === undefined) break;
        parts.push(text.slice(copiedTo, text[index - 1] === '-' ? index - 1 : index), 'null');
        index += word.length - 1;
        copiedTo = index + 1;
        break;
      }
    }
    if (values > maxValues) throw new UnreadableJson('it holds too many values');
  }
  return parts.join('') + text.slice(copiedTo);
}

/** The place of the quote that ends the string whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
