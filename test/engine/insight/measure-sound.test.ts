/** Tempo and key of made-up music that are known, of songs that are not, and of what has neither. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureSound } from '../../../src/engine/insight/measure-sound.ts';
import { musicalKeyName, parseMusicalKey, keyModes } from '../../../src/shared/musical-key.ts';
import { soundMeasurementSchema } from '../../../src/shared/sound-analysis.ts';
import type { Clicks, Clip } from '../../support/synthetic-music.ts';
import {
  clipRateHz,
  makeClicks,
  makeDrums,
  makeNoise,
  makeProgression,
  makeScale,
  makeSpeechLike,
  progressions,
} from '../../support/synthetic-music.ts';

const measure = (clip: Clip) => measureSound(clip.samples, clipRateHz);

/** How many clips of each tempo from 60 to 200 bpm are found within 1 %, and how many with another octave allowed. */
function countTempi(make: (bpm: number) => Clip) {
  const tempi = Array.from({ length: 15 }, (_, index) => 60 + 10 * index);
  const ratios = tempi.map((bpm) => (measure(make(bpm)).tempoBpm ?? 0) / bpm);
  const isNear = (ratio: number, factor: number) => Math.abs(ratio / factor - 1) < 0.01;
  return {
    tempi: tempi.length,
    exact: ratios.filter((ratio) => isNear(ratio, 1)).length,
    octaves: ratios.filter((ratio) => [1 / 2, 1, 2].some((factor) => isNear(ratio, factor))).length,
  };
}

describe('tempo', () => {
  it.each<[string, Omit<Clicks, 'bpm'>]>([
    ['even clicks', {}],
    ['clicks as by hand, 20 ms off', { jitterSeconds: 0.02 }],
    ['an accent on every third click', { accentEvery: 3 }],
    ['an accent on every fourth click', { accentEvery: 4 }],
    ['swing', { offbeatAt: 2 / 3 }],
    ['clicks in noise', { hiss: 0.05 }],
  ])('%s: every tempo from 60 to 200 is found', (_, clicks) => {
    expect(countTempi((bpm) => makeClicks({ ...clicks, bpm, seed: bpm }))).toMatchObject({ exact: 15 });
  });

  it('drums with eighth notes: every tempo is found, a few an octave off', () => {
    const { exact, octaves } = countTempi((bpm) => makeDrums(bpm, bpm));
    expect(octaves).toBe(15);
    expect(exact).toBeGreaterThanOrEqual(8);
  });

  it('songs with chords, bass, melody and drums: nearly every tempo is found as it is', () => {
    const degrees = [1, 4, 5, 1];
    const { exact, octaves } = countTempi((bpm) =>
      makeProgression({ tonic: bpm % 12, mode: 'minor', degrees, bpm, drums: true, seed: bpm }),
    );
    expect(octaves).toBe(15);
    expect(exact).toBeGreaterThanOrEqual(12);
  });

  it('does not depend on loudness or on the sample rate', () => {
    const clip = makeProgression({ tonic: 2, mode: 'major', degrees: [1, 4, 5, 1], bpm: 104, drums: true });
    const loud = measure(clip);
    expect(loud).toMatchObject({ tempoBpm: expect.closeTo(104, 0) as number, musicalKey: 'D major' });
    const quiet = measureSound(
      clip.samples.map((sample) => sample / 50),
      clipRateHz,
    );
    expect(quiet).toMatchObject({ tempoBpm: loud.tempoBpm, musicalKey: loud.musicalKey });
    // Played at two thirds of the speed: slower, and seven semitones lower.
    const slow = measureSound(clip.samples, 16_000);
    expect(slow.tempoBpm).toBeCloseTo((104 * 2) / 3, 0);
    expect(slow.musicalKey).toBe('G major');
  });
});

describe('key', () => {
  const allKeys = keyModes.flatMap((mode) => Array.from({ length: 12 }, (_, tonic) => ({ tonic, mode })));

  it('all 24 scales are found', () => {
    const found = allKeys.map(({ tonic, mode }) => measure(makeScale(tonic, mode)).musicalKey);
    expect(found).toEqual(allKeys.map(musicalKeyName));
  });

  it('all 24 cadences are found, out of tune and under drums too', () => {
    const found = allKeys.map(({ tonic, mode }) =>
      measure(
        makeProgression({
          ...{ tonic, mode, degrees: [1, 4, 5, 1], seed: tonic },
          ...{ drums: tonic % 2 === 0, tuningSemitones: tonic % 3 === 0 ? 0.35 : 0 },
        }),
      ),
    );
    expect(found.map(({ musicalKey }) => musicalKey)).toEqual(allKeys.map(musicalKeyName));
  });

  it('chords that two relative keys share are taken for one of these two', () => {
    for (const mode of keyModes) {
      for (const [index, degrees] of progressions[mode].entries()) {
        const tonic = (3 * index + (mode === 'minor' ? 1 : 0)) % 12;
        const { musicalKey } = measure(makeProgression({ tonic, mode, degrees, seed: index }));
        const relative =
          mode === 'minor'
            ? { tonic: (tonic + 3) % 12, mode: 'major' as const }
            : { tonic: (tonic + 9) % 12, mode: 'minor' as const };
        // A chord on the fifth and its tonic differ in one note where the fourth is not played.
        const fifth = { tonic: (tonic + 7) % 12, mode };
        expect([{ tonic, mode }, relative, fifth].map(musicalKeyName)).toContain(musicalKey);
      }
    }
  });
});

describe('what has neither', () => {
  const nothing = { tempoBpm: null, musicalKey: null };

  it.each<[string, () => Clip]>([
    ['noise', () => makeNoise(1)],
    ['other noise', () => makeNoise(2)],
    ['a voice that speaks', () => makeSpeechLike(1)],
    ['another voice', () => makeSpeechLike(2)],
  ])('%s: neither tempo nor key is named', (_, make) => {
    expect(measure(make())).toMatchObject(nothing);
  });

  it('drums and clicks have a tempo, but no key', () => {
    expect(measure(makeDrums(120))).toMatchObject({ musicalKey: null });
    expect(measure(makeClicks({ bpm: 90 }))).toMatchObject({ musicalKey: null });
  });

  it('any samples whatever are answered', () => {
    const sample = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e30, Number.NaN, Infinity, 1e-40),
      fc.float({ min: -1, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 30 }),
        fc.integer({ min: 0, max: 6 * 8000 }),
        fc.constantFrom(8000, 16_000, 24_000, 44_100),
        (pattern, length, sampleRateHz) => {
          const samples = Float32Array.from({ length }, (_, index) => pattern[index % pattern.length] ?? 0);
          const measured = measureSound(samples, sampleRateHz);
          expect(soundMeasurementSchema.parse(measured)).toEqual(measured);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('names of keys', () => {
  it('say the same key in every spelling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), fc.constantFrom(...keyModes), (tonic, mode) => {
        expect(parseMusicalKey(musicalKeyName({ tonic, mode }).toUpperCase())).toEqual({ tonic, mode });
      }),
    );
    expect(parseMusicalKey('a# minor')).toEqual(parseMusicalKey('Bb minor'));
    expect(parseMusicalKey('Cb major')).toEqual(parseMusicalKey('B major'));
    for (const name of ['', 'H minor', 'A', 'A dorian']) expect(parseMusicalKey(name)).toBeNull();
  });
});
