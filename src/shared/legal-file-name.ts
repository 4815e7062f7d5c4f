/** Turns any text into a file name that Windows, macOS and Linux all take, and that leads nowhere else. */

/** What file systems allow a name at most; Windows counts UTF-16 units, of which there are never more than bytes. */
export const maximumNameBytes = 255;

/** What Windows forbids in names, and slashes everywhere; control characters; marks that reverse what follows. */
const forbidden = /[<>:"/\\|?*\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** Names of devices on Windows, with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)\s*(\.|$)/i;

/** Halves of a pair that stand alone: no UTF-8 can hold them. */
const loneSurrogates = /\p{Surrogate}/gu;

const encoder = new TextEncoder();

/** What a name becomes when nothing of it is left. */
const emptyName = 'untitled';

/**
 * A base name, without extension, that is legal everywhere: composed Unicode, no forbidden character, no dot or
 * space at either end, no device's name, and not longer than asked for. Never empty, never `.` or `..`.
 *
 * @param text anything
 * @param maximumBytes bytes of UTF-8 that the name may have, at least 16; no character is cut
 */
export function legalBaseName(text: string, maximumBytes: number): string {
  const replaced = text
    .replace(loneSurrogates, '\ufffd')
    .normalize('NFC')
    .replace(forbidden, '_')
    .replace(/\s+/g, ' ');
  const trimmed = cutToBytes(replaced.replace(/^[\s.]+/, ''), maximumBytes - 1).replace(/[\s.]+$/, '');
  if (trimmed === '') return emptyName;
  return reserved.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** An extension with its dot that is legal everywhere, empty where there is none. */
export function legalExtension(extension: string): string {
  const letters = extension
    .replace(loneSurrogates, '\ufffd')
    .replace(forbidden, '')
    .replace(/[\s.]+/g, '');
  return letters === '' ? '' : `.${cutToBytes(letters, 32)}`;
}

/** The name by which file systems that ignore case or composition would find the same file. */
export function foldedName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

/** The longest beginning of a text that has no more bytes than this in UTF-8, without cutting a code point. */
export function cutToBytes(text: string, maximumBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > maximumBytes) break;
    kept += character;
  }
  return kept;
}
