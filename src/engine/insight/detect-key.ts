/** The key of a clip: the major or minor scale whose typical use of notes is most like the clip's. */
import type { KeyMode, MusicalKey } from '../../shared/musical-key.ts';
import { musicalKeyName } from '../../shared/musical-key.ts';
import type { PitchClasses } from './pitch-classes.ts';

/**
 * How fitting each note is from the tonic up: the listening tests of C. Krumhansl (“Cognitive Foundations of Musical
 * Pitch”, 1990) as adjusted to popular and electronic music by I. Sha'ath (“Estimation of Key in Digital Music
 * Recordings”, thesis, Birkbeck 2011).
 */
const profiles: Readonly<Record<KeyMode, readonly number[]>> = {
  major: [6.6, 2, 3.5, 2.3, 4.6, 4, 2.5, 5.2, 2.4, 3.8, 2.3, 3.4],
  minor: [6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4, 2.7, 4.3, 3.2],
};

/** A correlation with the best profile that any few notes reach, and one that only a scale does. */
const poorCorrelation = 0.6;
const goodCorrelation = 0.9;
/** Tonality times contrast of notes: speech and drums reach a third of this, quiet music over noise reaches it. */
const enoughTonality = 0.1;
/** How far the best key must be ahead of the next for full confidence. */
const clearLead = 0.05;
/** Below this confidence no key is named. */
export const leastKeyConfidence = 0.2;

export interface DetectedKey {
  /** Such as `A minor`; null where the notes fit no key well. */
  name: string | null;
  /** 0..1 */
  confidence: number;
}

/**
 * Correlates the notes with the profile of each of the 24 keys (Krumhansl & Schmuckler). A major key and its relative
 * minor have the same notes; where a song's chords do not decide between them, the lead is small and so is the
 * confidence.
 */
export function detectKey({ shares, tonality }: PitchClasses): DetectedKey {
  const [best, next] = allKeys
    .map((key) => ({ key, correlation: correlation(shares, rotated(profiles[key.mode], key.tonic)) }))
    .sort((a, b) => b.correlation - a.correlation);
  if (best === undefined || next === undefined) return { name: null, confidence: 0 };
  const mean = 1 / 12;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 12;
  const contrast = Math.sqrt(variance) / mean;
  const confidence =
    asShare((best.correlation - poorCorrelation) / (goodCorrelation - poorCorrelation)) *
    asShare((tonality * contrast) / enoughTonality) *
    (0.5 + 0.5 * asShare((best.correlation - next.correlation) / clearLead));
  return { name: confidence < leastKeyConfidence ? null : musicalKeyName(best.key), confidence };
}

const allKeys: readonly MusicalKey[] = Array.from({ length: 24 }, (_, index) => ({
  tonic: index % 12,
  mode: index < 12 ? 'major' : 'minor',
}));

function asShare(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** A profile that begins at C instead of the tonic. */
function rotated(profile: readonly number[], tonic: number): number[] {
  return profile.map((_, note) => profile[(note - tonic + 12) % 12] ?? 0);
}

/** Pearson's; 0 where either does not vary. */
function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [(a[index] ?? 0) - meanA, (b[index] ?? 0) - meanB];
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const product = squaresA * squaresB;
  return product > 0 ? both / Math.sqrt(product) : 0;
}
