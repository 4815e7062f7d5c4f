/** File names made of any text are legal on every system and never lead out of their folder. */
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToBytes, foldedName, legalBaseName, legalExtension } from '../../src/shared/legal-file-name.ts';

/** What Windows refuses, written down from its documentation and not from our own code. */
function windowsProblem(name: string): string | null {
  if (/[<>:"/\\|?*]/.test(name)) return 'a forbidden character';
  if (Array.from(name).some((character) => character < ' ')) return 'a control character';
  if (/[. ]$/.test(name)) return 'a dot or space at the end';
  const device = (name.split('.')[0] ?? '').trimEnd().toUpperCase();
  const devices = ['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$', 'CLOCK$'];
  const numbered = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'];
  for (const number of numbered) devices.push(`COM${number}`, `LPT${number}`);
  if (devices.includes(device)) return 'a device’s name';
  return null;
}

const wildText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('.', ' ', '/', '\\', '..', '../', 'C:', '\0', '\ud800', '\n', '\u202e', 'a'),
  }),
  fc.constantFrom(
    'CON',
    'con.txt',
    'NUL ',
    'lpt1',
    'COM¹.tar',
    'aux .wav',
    '',
    '.',
    '..',
    '...',
    '~',
    '-rf',
    '  x  ',
  ),
  fc.string({ unit: fc.constantFrom('é', '漢', '𝄞', '👨‍👩‍👧‍👦', 'e\u0301', 'x'), minLength: 60, maxLength: 400 }),
);

describe('a base name', () => {
  it('is legal, short enough and stays in its folder, whatever it is made of', () => {
    fc.assert(
      fc.property(wildText, fc.integer({ min: 16, max: 255 }), (text, maximumBytes) => {
        const name = legalBaseName(text, maximumBytes);
        expect(name).not.toBe('');
        expect(windowsProblem(name)).toBeNull();
        expect(windowsProblem(`${name}.mp3`)).toBeNull();
        expect(name.startsWith('.')).toBe(false);
        expect(name.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(maximumBytes);
        for (const paths of [path.posix, path.win32]) {
          const folder = paths === path.win32 ? 'C:\\Export' : '/export';
          expect(paths.dirname(paths.join(folder, name))).toBe(folder);
          expect(paths.basename(paths.join(folder, name))).toBe(name);
        }
        // A legal name is left as it is.
        expect(legalBaseName(name, 255)).toBe(name);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['A/B: "why?"', 'A_B_ _why__'],
    ['  . Ω\tx . ', 'Ω_x'],
    ['e\u0301', 'é'],
    ['...', 'untitled'],
  ])('of %j is %j', (text, name) => {
    expect(legalBaseName(text, 255)).toBe(name);
  });
});

describe('an extension', () => {
  it('is legal and short, whatever it is made of', () => {
    fc.assert(
      fc.property(wildText, (text) => {
        const extension = legalExtension(text);
        expect(extension === '' || extension.startsWith('.')).toBe(true);
        expect(windowsProblem(`song${extension}`)).toBeNull();
        expect(Buffer.byteLength(extension)).toBeLessThanOrEqual(33);
      }),
    );
    expect(legalExtension('.flac')).toBe('.flac');
    expect(legalExtension('')).toBe('');
  });
});

it('cuts between code points only', () => {
  expect(cutToBytes('aé漢𝄞', 9)).toBe('aé漢');
  expect(cutToBytes('aé漢𝄞', 10)).toBe('aé漢𝄞');
});

it('takes names for one that file systems take for one', () => {
  expect(foldedName('STRASSE')).toBe(foldedName('straße'));
  expect(foldedName('É')).toBe(foldedName('e\u0301'));
  expect(foldedName('a')).not.toBe(foldedName('b'));
});
