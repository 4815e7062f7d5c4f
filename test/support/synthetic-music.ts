/** Made-up music whose tempo and key are known: clicks, drums, scales and chord progressions. */
import { seededRandom } from './seeded-random.ts';

export const clipRateHz = 24_000;

/** A value of the normal distribution with deviation 1. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** One period of a string: eight harmonics, each as loud as its number is small. */
const stringPeriod = Float64Array.from({ length: 8192 }, (_, index) =>
  Array.from({ length: 8 }, (_harmonic, number) => number + 1).reduce(
    (sum, harmonic) => sum + Math.sin((2 * Math.PI * harmonic * index) / 8192) / harmonic,
    0,
  ),
);

/** A clip that sounds are added to. */
export class Clip {
  readonly samples: Float32Array<ArrayBuffer>;

  constructor(seconds = 30) {
    this.samples = new Float32Array(Math.round(seconds * clipRateHz));
  }

  add(startSeconds: number, seconds: number, sound: (atSeconds: number) => number): void {
    const start = Math.max(0, Math.round(startSeconds * clipRateHz));
    const end = Math.min(this.samples.length, start + Math.round(seconds * clipRateHz));
    for (let index = start; index < end; index += 1) {
      this.samples[index] = (this.samples[index] ?? 0) + sound((index - start) / clipRateHz);
    }
  }

  /** A short burst of a high tone, as a metronome gives. */
  addClick(startSeconds: number, level = 0.5): void {
    this.add(startSeconds, 0.03, (at) => level * Math.sin(2 * Math.PI * 1500 * at) * Math.exp(-at / 0.006));
  }

  addKick(startSeconds: number, level = 0.8): void {
    const sweep = (at: number) => 2 * Math.PI * (50 * at + 3 * (1 - Math.exp(-at / 0.03)));
    this.add(startSeconds, 0.25, (at) => level * Math.sin(sweep(at)) * Math.exp(-at / 0.08));
  }

  /** A burst of noise: long for a snare drum, short for a hi-hat. */
  addNoise(startSeconds: number, decaySeconds: number, level: number, random: () => number): void {
    this.add(
      startSeconds,
      5 * decaySeconds,
      (at) => level * (2 * random() - 1) * Math.exp(-at / decaySeconds),
    );
  }

  /** A note with eight harmonics that fall off, as of a plucked string. @param pitch MIDI number, 69 for A4 */
  addNote(startSeconds: number, seconds: number, pitch: number, level = 0.15): void {
    const hertz = 440 * 2 ** ((pitch - 69) / 12);
    this.add(startSeconds, seconds, (at) => {
      const value = stringPeriod[Math.floor(at * hertz * stringPeriod.length) % stringPeriod.length] ?? 0;
      return (
        level * value * Math.exp(-at / 0.8) * Math.min(1, at / 0.005, Math.max(0, (seconds - at) / 0.02))
      );
    });
  }

  addHiss(level: number, random: () => number): void {
    this.add(0, this.samples.length / clipRateHz, () => level * gaussian(random));
  }
}

export interface Clicks {
  bpm: number;
  /** Deviation of each click from its place. */
  jitterSeconds?: number;
  /** A louder first click of every bar of this many. */
  accentEvery?: number;
  /** Clicks between the beats, this share of a beat after it; 2/3 swings. */
  offbeatAt?: number;
  offbeatLevel?: number;
  hiss?: number;
  seed?: number;
}

export function makeClicks({ bpm, jitterSeconds = 0, accentEvery, offbeatAt, ...rest }: Clicks): Clip {
  const { offbeatLevel = 0.25, hiss = 0, seed = 1 } = rest;
  const random = seededRandom(seed);
  const clip = new Clip();
  const beatSeconds = 60 / bpm;
  const first = random() * beatSeconds;
  for (let beat = 0; beat * beatSeconds < 30; beat += 1) {
    const isAccented = accentEvery !== undefined && beat % accentEvery === 0;
    const at = first + beat * beatSeconds + jitterSeconds * gaussian(random);
    clip.addClick(at, isAccented ? 0.9 : 0.45);
    if (offbeatAt !== undefined) clip.addClick(at + offbeatAt * beatSeconds, offbeatLevel);
  }
  if (hiss > 0) clip.addHiss(hiss, random);
  return clip;
}

/** Kick on 1 and 3, snare on 2 and 4, hi-hat on every half beat, a little looser than a machine. */
export function makeDrums(bpm: number, seed = 1): Clip {
  const random = seededRandom(seed);
  const clip = new Clip();
  const beatSeconds = 60 / bpm;
  for (let half = 0; (half * beatSeconds) / 2 < 30; half += 1) {
    const at = (half * beatSeconds) / 2 + 0.004 * gaussian(random);
    clip.addNoise(at, 0.02, 0.12, random);
    if (half % 4 === 0) clip.addKick(at);
    if (half % 4 === 2) clip.addNoise(at, 0.08, 0.5, random);
  }
  return clip;
}

const majorSteps = [0, 2, 4, 5, 7, 9, 11];
const minorSteps = [0, 2, 3, 5, 7, 8, 10];

/** The scale up and down from its tonic, which is held at both ends. */
export function makeScale(tonic: number, mode: 'major' | 'minor'): Clip {
  const clip = new Clip();
  const steps = mode === 'major' ? majorSteps : minorSteps;
  const run = [...steps, 12, ...steps.toReversed()];
  const noteSeconds = 0.3;
  for (let at = 0, place = 0; at < 30; place += 1) {
    const step = run[place % run.length] ?? 0;
    const seconds = step % 12 === 0 ? 2 * noteSeconds : noteSeconds;
    clip.addNote(at, seconds, 60 + tonic + step);
    at += seconds;
  }
  return clip;
}

/** Degrees of the scale as roots of triads. In minor the chord on the fifth is major, as a cadence has it. */
export const progressions: Readonly<Record<'major' | 'minor', readonly (readonly number[])[]>> = {
  major: [
    [1, 5, 6, 4],
    [1, 4, 5, 1],
    [1, 6, 4, 5],
    [2, 5, 1, 1],
  ],
  minor: [
    [1, 6, 3, 7],
    [1, 4, 5, 1],
    [1, 7, 6, 5],
    [1, 4, 7, 3],
  ],
};

export interface Progression {
  tonic: number;
  mode: 'major' | 'minor';
  degrees: readonly number[];
  bpm?: number;
  drums?: boolean;
  /** Distance from A4 = 440 Hz. */
  tuningSemitones?: number;
  seed?: number;
}

/** Four-beat chords with a bass, a melody of chord notes and passing ones, and drums where wanted. */
export function makeProgression({ tonic, mode, degrees, ...rest }: Progression): Clip {
  const { bpm = 110, drums = false, tuningSemitones = 0, seed = 1 } = rest;
  const random = seededRandom(seed);
  const clip = drums ? makeDrums(bpm, seed) : new Clip();
  const steps = mode === 'major' ? majorSteps : minorSteps;
  const beatSeconds = 60 / bpm;
  const pitchOf = (degree: number) =>
    tonic + tuningSemitones + (steps[(degree - 1) % 7] ?? 0) + 12 * Math.floor((degree - 1) / 7);
  for (let bar = 0; bar * 4 * beatSeconds < 30; bar += 1) {
    const root = degrees[bar % degrees.length] ?? 1;
    const triad = [root, root + 2, root + 4].map(pitchOf);
    if (mode === 'minor' && root === 5) triad[1] = (triad[1] ?? 0) + 1;
    const barStart = bar * 4 * beatSeconds;
    for (const half of [0, 2])
      clip.addNote(barStart + half * beatSeconds, 2 * beatSeconds, 36 + pitchOf(root), 0.2);
    for (const pitch of triad) clip.addNote(barStart, 4 * beatSeconds, 60 + pitch, 0.1);
    for (let beat = 0; beat < 4; beat += 1) {
      const isChordNote = random() < 0.7;
      const chosen = triad[Math.floor(random() * 3)] ?? 0;
      const pitch = isChordNote ? chosen : pitchOf(1 + Math.floor(random() * 7));
      clip.addNote(barStart + beat * beatSeconds, beatSeconds, 72 + pitch, 0.1);
    }
  }
  return clip;
}

/** Gliding voice-like tones in syllables and pauses of uneven length: no beat, no key. */
export function makeSpeechLike(seed = 1): Clip {
  const random = seededRandom(seed);
  const clip = new Clip();
  for (let at = 0.2; at < 29;) {
    const seconds = 0.08 + 0.22 * random();
    const startHz = 90 + 90 * random();
    const glide = (random() - 0.6) * 80;
    const formantHz = 300 + 500 * random();
    const level = 0.2 + 0.2 * random();
    clip.add(at, seconds, (time) => {
      let value = 0;
      for (let harmonic = 1; harmonic <= 20; harmonic += 1) {
        const hertz = harmonic * startHz;
        const gain = 1 / (1 + ((hertz - formantHz) / 200) ** 2) + 0.2 / harmonic;
        value +=
          gain * Math.sin(2 * Math.PI * harmonic * (startHz * time + (glide * time * time) / (2 * seconds)));
      }
      return level * value * Math.sin((Math.PI * time) / seconds) ** 2 * 0.3;
    });
    if (random() < 0.4) clip.addNoise(at + seconds, 0.03, 0.1, random);
    at += seconds + (random() < 0.15 ? 0.3 + 0.6 * random() : 0.02 + 0.1 * random());
  }
  clip.addHiss(0.001, random);
  return clip;
}

export function makeNoise(seed = 1): Clip {
  const clip = new Clip();
  clip.addHiss(0.1, seededRandom(seed));
  return clip;
}
