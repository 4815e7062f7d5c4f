/** The draft encoder measures what its feature names say, for any length, the same way every time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import {
  draftFeatureNames,
  draftNeutralScore,
  draftSummaryFeatures,
  draftWeights,
} from '../../../src/engine/models/draft-features.ts';
import { buildDraftEncoderGraph, buildDraftHeadGraph } from '../../../src/engine/models/draft-graph.ts';
import { melFilterBank } from '../../../src/engine/models/mel-filter-bank.ts';

const inference = new InferenceClient();
afterAll(() => inference.close());

const encoder = { key: 'draft', build: () => Promise.resolve(buildDraftEncoderGraph()) };
const head = { key: 'draft', build: () => Promise.resolve(buildDraftHeadGraph()) };
const RATE_HZ = 24_000;

/** A pseudo-random sequence in -1..1, the same in every run. */
function noise(samples: number): Float32Array {
  let state = 12_345;
  return Float32Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state / 2 ** 31 - 1) * 0.3;
  });
}

const sine = (hz: number, seconds: number, amplitude = 0.5) =>
  Float32Array.from(
    { length: seconds * RATE_HZ },
    (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / RATE_HZ),
  );

/** Bursts of noise at a steady tempo. */
function pulse(beatsPerMinute: number, seconds: number): Float32Array {
  const beatSamples = Math.round((60 / beatsPerMinute) * RATE_HZ);
  return noise(seconds * RATE_HZ).map((value, index) => (index % beatSamples < 1200 ? value : value * 0.01));
}

async function featuresOf(samples: Float32Array): Promise<Record<string, number>> {
  const { embedding } = await inference.encode(encoder, samples);
  return Object.fromEntries(draftFeatureNames.map((name, index) => [name, embedding[index] ?? Number.NaN]));
}

describe('features', () => {
  test('an embedding has one value for each name', () => {
    expect(new Set(draftFeatureNames).size).toBe(buildDraftEncoderGraph().embeddingSize);
  });

  test('loudness is the root mean square in dBFS', async () => {
    expect((await featuresOf(sine(440, 3)))['loudness']).toBeCloseTo(20 * Math.log10(0.5 / Math.SQRT2), 2);
  });

  test('a full-scale sine peaks in the band that it lies in', async () => {
    const features = await featuresOf(sine(440, 3, 1));
    const levels = draftFeatureNames.filter((name) => name.startsWith('bandLevel'));
    const loudest = levels.reduce((a, b) => ((features[a] ?? 0) >= (features[b] ?? 0) ? a : b));
    const bins = 513;
    const bank = melFilterBank(32, bins, RATE_HZ, 40, 11_000);
    const bin = Math.round(440 / (RATE_HZ / 2 / (bins - 1)));
    const weightOf = (band: number) => bank[band * bins + bin] ?? 0;
    expect(weightOf(Number(loudest.slice('bandLevel'.length)) - 1)).toBeGreaterThan(0.4);
  });

  test('a steady pulse shows as beat strength, noise does not', async () => {
    const steady = await featuresOf(pulse(120, 10));
    const none = await featuresOf(noise(10 * RATE_HZ));
    expect(steady['beatStrength']).toBeGreaterThan(0.7);
    expect(none['beatStrength']).toBeLessThan(0.2);
    expect(steady['onsetStrength']).toBeGreaterThan(0);
  });

  test('bass and treble show where the energy lies', async () => {
    const low = await featuresOf(sine(80, 3));
    const high = await featuresOf(sine(9000, 3));
    expect(low['bassShare']).toBeGreaterThan(-1);
    expect(high['bassShare']).toBeLessThan(-40);
    expect(high['trebleShare']).toBeGreaterThan(-1);
    expect(low['trebleShare']).toBeLessThan(-40);
  });

  test('noise is flat, a sine is not', async () => {
    expect((await featuresOf(noise(3 * RATE_HZ)))['flatness']).toBeGreaterThan(-1);
    expect((await featuresOf(sine(1000, 3)))['flatness']).toBeLessThan(-30);
  });

  test('half a window of silence is half silent', async () => {
    const half = new Float32Array(10 * RATE_HZ);
    half.set(noise(5 * RATE_HZ));
    expect((await featuresOf(half))['silentShare']).toBeCloseTo(0.5, 1);
  });

  test.each([400, 1023, 1024, 24_000, 720_000])(
    '%i samples give finite features, twice the same',
    async (samples) => {
      const first = await inference.encode(encoder, noise(samples));
      const second = await inference.encode(encoder, noise(samples));
      expect(first.embedding.every(Number.isFinite)).toBe(true);
      expect(second.embedding).toEqual(first.embedding);
    },
  );

  test('digital silence gives finite features and the lowest score', async () => {
    const { embedding } = await inference.encode(encoder, new Float32Array(RATE_HZ));
    expect(embedding.every(Number.isFinite)).toBe(true);
    const [rawScore] = await inference.score(head, embedding);
    expect(rawScore).toBeLessThan(0);
  });
});

describe('head', () => {
  test('every summary feature has one explained weight', () => {
    expect(draftWeights.map(({ feature }) => feature)).toEqual([...draftSummaryFeatures]);
    for (const { reason, unit, weight } of draftWeights) {
      expect(reason.length).toBeGreaterThan(20);
      expect(unit).not.toBe('');
      expect(weight).not.toBe(0);
    }
  });

  test('the documentation says the same', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'draft.md'), 'utf8');
    const cells = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    for (const { feature, unit, neutral, weight, reason } of draftWeights) {
      expect(cells).toContainEqual(['', `\`${feature}\``, unit, String(neutral), String(weight), reason, '']);
    }
  });

  test('neutral features score the middle, and each moves the score by its weight', async () => {
    const neutral = new Float32Array(draftFeatureNames.length);
    for (const { feature, neutral: value } of draftWeights)
      neutral[draftFeatureNames.indexOf(feature)] = value;
    const rows = [neutral];
    for (const { feature } of draftWeights) {
      const moved = neutral.slice();
      const index = draftFeatureNames.indexOf(feature);
      moved[index] = (moved[index] ?? 0) + 1;
      rows.push(moved);
    }
    const scores = await inference.score(head, Float32Array.from(rows.flatMap((row) => [...row])));
    expect(scores[0]).toBeCloseTo(draftNeutralScore, 4);
    for (const [index, { weight }] of draftWeights.entries()) {
      expect((scores[index + 1] ?? 0) - draftNeutralScore).toBeCloseTo(weight, 4);
    }
  });
});
