/** JSON from an untrusted file: valid UTF-8, one object, no name stated twice, of a size that fits in memory. */
import { BangerError } from '../../shared/errors.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';

/** Headers and indices nest three deep. */
const maxDepth = 8;

/** Values in all, enough for some 90,000 tensors: parsed, each takes far more memory than its text. */
const maxValues = 1_000_000;

/**
 * The members of the JSON object in `bytes`, as own properties of an object whose values are unchecked.
 * Throws `checkpoint-corrupt` or `checkpoint-refused` with `what` ("its header") in the sentence.
 */
export function parseJsonObject(file: string, what: string, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  let stated: JsonCounts;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    stated = countInJson(text);
    if (stated.depth > maxDepth || stated.values > maxValues) {
      throw refusedCheckpoint(file, `${what} is larger or more nested than any model needs`);
    }
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof BangerError) throw error;
    throw corruptCheckpoint(file, `${what} is not JSON`, error);
  }
  if (!isRecord(value) || Array.isArray(value)) throw corruptCheckpoint(file, `${what} is not a JSON object`);
  // JSON.parse lets the last of two equal names win, so that two readers could see two different models.
  if (stated.members !== countMembers(value)) throw corruptCheckpoint(file, `${what} states a name twice`);
  return value;
}

interface JsonCounts {
  /** Members of all objects: each has exactly one colon outside of strings. */
  members: number;
  /** An upper bound, from brackets and commas. */
  values: number;
  depth: number;
}

/** Counts in JSON text without parsing it; of anything else the counts mean nothing. */
function countInJson(text: string): JsonCounts {
  const counts = { members: 0, values: 0, depth: 0 };
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charAt(index)) {
      case '"':
        index = endOfString(text, index);
        break;
      case ':':
        counts.members += 1;
        break;
      case ',':
        counts.values += 1;
        break;
      case '[':
      case '{':
        counts.values += 1;
        depth += 1;
        counts.depth = Math.max(counts.depth, depth);
        break;
      case ']':
      case '}':
        depth -= 1;
        break;
    }
  }
  return counts;
}

/** The place of the quote that ends the string whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Own members of a parsed value's objects, at any depth. */
function countMembers(value: unknown): number {
  if (!isRecord(value)) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countMembers(child), own);
}
