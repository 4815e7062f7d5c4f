/** Keys and time signatures in every spelling that generators use. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeMusicalKey, normalizeTimeSignature } from '../../../src/engine/metadata/musical-terms.ts';

describe('normalizeMusicalKey', () => {
  it.each([
    ['C Major', 'C major'],
    ['a minor', 'A minor'],
    ['Am', 'A minor'],
    ['AM', 'A major'],
    ['A', 'A major'],
    ['f#m', 'F# minor'],
    ['F♯ min', 'F# minor'],
    ['Bbmaj', 'Bb major'],
    ['B♭', 'Bb major'],
    ['bb minor', 'Bb minor'],
    ['b', 'B minor'],
    ['E-flat major', 'Eb major'],
    ['C sharp Minor', 'C# minor'],
    ['D_minor', 'D minor'],
    ['g-moll', 'G minor'],
    ['H dur', 'H dur'],
    ['8A', '8A'],
  ])('writes %s as %s', (text, key) => {
    expect(normalizeMusicalKey(text)).toBe(key);
  });

  it('leaves alone what it wrote', () => {
    const keys = fc.tuple(
      fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'),
      fc.constantFrom('', '#', 'b'),
      fc.constantFrom('major', 'minor'),
    );
    fc.assert(
      fc.property(keys, ([tonic, sign, mode]) => {
        const key = `${tonic}${sign} ${mode}`;
        expect(normalizeMusicalKey(key)).toBe(key);
      }),
    );
  });
});

describe('normalizeTimeSignature', () => {
  it.each([
    ['4', '4/4'],
    ['3', '3/4'],
    ['2', '2/4'],
    ['6', '6/8'],
    [' 12 / 8 ', '12/8'],
    ['04/4', '4/4'],
    ['5', null],
    ['waltz', null],
    ['', null],
  ])('writes %s as %s', (text, signature) => {
    expect(normalizeTimeSignature(text)).toBe(signature);
  });
});
