/** JSON from an untrusted file: valid UTF-8, one object, no name stated twice. */
import { corruptCheckpoint } from './checkpoint-errors.ts';

/**
 * The members of the JSON object in `bytes`, as own properties of an object whose values are unchecked.
 * Throws `checkpoint-corrupt` with `what` ("its header") in the sentence.
 */
export function parseJsonObject(file: string, what: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw corruptCheckpoint(file, `${what} is not JSON`, error);
  }
  if (!isRecord(value) || Array.isArray(value)) throw corruptCheckpoint(file, `${what} is not a JSON object`);
  // JSON.parse lets the last of two equal names win, so that two readers could see two different models.
  if (countStatedMembers(text) !== countMembers(value)) {
    throw corruptCheckpoint(file, `${what} states a name twice`);
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Every member of every object in valid JSON has exactly one colon outside of strings. */
function countStatedMembers(json: string): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x3a) count += 1;
  }
  return count;
}

/** Own members of a parsed value and of everything in it; without recursion, since nesting may be deep. */
function countMembers(root: unknown): number {
  let count = 0;
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (!isRecord(value)) continue;
    const children = Object.values(value);
    if (!Array.isArray(value)) count += children.length;
    for (const child of children) if (isRecord(child)) pending.push(child);
  }
  return count;
}
