/** What a generator wrote, kept as JSON text of bounded size: details for the curious, never needed to work. */
import { isJsonObject } from './fields.ts';

const maxTextLength = 2000;
const maxItems = 64;
const maxNesting = 8;
const maxRawLength = 64 * 1024;

/** JSON text of a value; long texts and lists are cut, and of what is still too large only the plain fields stay. */
export function rawParameters(value: unknown): string {
  const text = JSON.stringify(shorten(value, 0)) as string | undefined;
  if (text !== undefined && text.length <= maxRawLength) return text;
  const plain = isJsonObject(value)
    ? Object.entries(value).filter(([, field]) => typeof field !== 'object' || field === null)
    : [];
  return JSON.stringify(shorten(Object.fromEntries(plain.slice(0, 24)), 0));
}

function shorten(value: unknown, nesting: number): unknown {
  if (typeof value === 'string') return shortenText(value, maxTextLength);
  if (typeof value !== 'object' || value === null) return value;
  if (nesting >= maxNesting) return '…';
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => shorten(item, nesting + 1));
  const members = Object.entries(value).slice(0, 4 * maxItems);
  return Object.fromEntries(
    members.map(([name, member]) => [shortenText(name, 200), shorten(member, nesting + 1)]),
  );
}

function shortenText(text: string, maxLength: number): string {
  return (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text).toWellFormed();
}
