/** What is said of tempo and key tells where it comes from, and never more than is known. */
import { expect, test } from 'vitest';
import { keyInWords, tempoWords } from '../../../src/renderer/inspector/sound-words.ts';
import type { Generation } from '../../../src/shared/generation.ts';
import { ratingBandOf } from '../../../src/shared/rating-words.ts';
import type { SoundAnalysis } from '../../../src/shared/sound-analysis.ts';

const measured: SoundAnalysis = {
  ...{ tempoBpm: 127.9, tempoConfidence: 0.8, musicalKey: 'Bb minor', keyConfidence: 0.9 },
  ...{ detectorVersion: 1, analyzedAtMs: 0 },
};
const nothingFound: SoundAnalysis = { ...measured, tempoBpm: null, musicalKey: null };
const said = (tempoBpm: number | null, musicalKey: string | null): Generation => ({
  ...{ generator: 'other', sourceFile: '/a.json', runKey: null, prompt: null, lyrics: null, tempoBpm },
  ...{ musicalKey, timeSignature: null, seed: null, guidanceScale: null, inferenceSteps: null, model: null },
  ...{ generationSeconds: null, raw: '{}' },
});

test.each([
  [null, null, null, null],
  [null, measured, '127.9 BPM, measured', 'B♭ minor, measured'],
  [
    null,
    { ...measured, tempoConfidence: 0.2, keyConfidence: 0.3 },
    '127.9 BPM, measured, not sure',
    'B♭ minor, measured, not sure',
  ],
  [null, nothingFound, 'no steady beat found', 'no clear key found'],
  [said(128, 'A# minor'), measured, '128 BPM, as generated', 'A♯ minor, as generated'],
  [
    said(90, 'C major'),
    measured,
    '90 BPM, as generated; measured 127.9 BPM',
    'C major, as generated; measured B♭ minor',
  ],
  [said(90, 'C major'), null, '90 BPM, as generated', 'C major, as generated'],
  [said(null, ' '), measured, '127.9 BPM, measured', 'B♭ minor, measured'],
  [said(90, 'dorian'), nothingFound, '90 BPM, as generated', 'dorian, as generated'],
])('%#', (generation, soundAnalysis, tempo, key) => {
  expect(tempoWords({ generation, soundAnalysis })).toBe(tempo);
  expect(keyInWords({ generation, soundAnalysis })).toBe(key);
});

test('every score has one word, two points wide', () => {
  const words = [0, 1.99, 2, 3.99, 4, 5.99, 6, 7.99, 8, 10].map(ratingBandOf);
  expect(words).toEqual(['very-low', 'low', 'middle', 'high', 'very-high'].flatMap((band) => [band, band]));
  expect([-1, 11].map(ratingBandOf)).toEqual(['very-low', 'very-high']);
});
