/** The tempo of a clip: the period at which its onsets repeat that a person would most likely tap to. */
import type { OnsetEnvelope } from './onset-envelope.ts';

const slowestBpm = 40;
const fastestBpm = 220;
/** Tempi that are tried, for each doubling. */
const tempiAnOctave = 120;
/** Where onsets must repeat, in beats, and how much each counts; four and eight beats are bars. */
const onBeats: readonly (readonly [beats: number, weight: number])[] = [
  [1, 1.5],
  [2, 0.4],
  [3, 0.3],
  [4, 0.4],
  [8, 0.4],
];
/** Where beats would lie if the true period were a half or a third, and how much onsets there speak against it. */
const halves = [1 / 2, 3 / 2, 5 / 2, 7 / 2];
const halvesWeight = 0.33;
const thirds = [1 / 3, 2 / 3, 4 / 3, 5 / 3, 7 / 3, 8 / 3];
const thirdsWeight = 0.6;
/** People tap near this tempo where several fit: a normal distribution over octaves. */
const preferredBpm = 120;
const preferredOctaves = 0.8;
/** Beats over which the chosen period is refined, and over which it must hold to be believed. */
const beatsRefined = 12;
const refinedShare = 0.03;
const refinedSteps = 60;
/** Below this confidence there is no beat: noise and speech reach a third of it, music with drums twice and more. */
export const leastTempoConfidence = 0.15;

export interface DetectedTempo {
  /** Null where no steady beat was found. */
  bpm: number | null;
  /** Mean autocorrelation at the beat's multiples, 0..1: 1 for onsets that repeat exactly. */
  confidence: number;
}

/**
 * Autocorrelation of the onset strengths at the multiples of each period (a comb), less what lies between them, times
 * a preference for moderate tempi: D. Ellis, “Beat Tracking by Dynamic Programming”, JNMR 36(1), 2007, with the
 * multiples of Percival & Tzanetakis, “Streamlined Tempo Estimation …”, IEEE/ACM TASLP 22(12), 2014. What lies between
 * settles most octave errors: a period of two beats has a beat halfway, one of three has beats at its thirds; bars
 * settle most others, such as a dotted rhythm that repeats every three quarters of a beat.
 *
 * The confidence is the pulse clarity of Lartillot et al. (ISMIR 2008) over many beats: what repeats by chance for two
 * beats does not for twelve.
 */
export function detectTempo({ strengths, rateHz }: OnsetEnvelope): DetectedTempo {
  const longestLag = Math.min(
    Math.floor((strengths.length * 2) / 3),
    Math.ceil((beatsRefined * 60 * rateHz) / slowestBpm),
  );
  const correlations = autocorrelation(strengths, longestLag);
  let chosenLag = 0;
  let bestScore = 0;
  const steps = Math.round(Math.log2(fastestBpm / slowestBpm) * tempiAnOctave);
  for (let step = 0; step <= steps; step += 1) {
    const bpm = slowestBpm * 2 ** (step / tempiAnOctave);
    const lag = (60 * rateHz) / bpm;
    const score = preference(bpm) * fit(correlations, lag);
    if (score > bestScore) [bestScore, chosenLag] = [score, lag];
  }
  if (chosenLag === 0) return { bpm: null, confidence: 0 };
  const { lag, clarity } = refine(correlations, chosenLag);
  const confidence = Math.min(1, Math.max(0, clarity));
  return { bpm: confidence < leastTempoConfidence ? null : (60 * rateHz) / lag, confidence };
}

function preference(bpm: number): number {
  return Math.exp(-0.5 * (Math.log2(bpm / preferredBpm) / preferredOctaves) ** 2);
}

/** How well onsets repeat at the multiples of a lag, and not between them. */
function fit(correlations: Float64Array, lag: number): number {
  const between = (places: readonly number[]) =>
    meanAt(
      correlations,
      places.map((beats) => [beats * lag, 1] as const),
    );
  const on = meanAt(
    correlations,
    onBeats.map(([beats, weight]) => [beats * lag, weight] as const),
  );
  return on - Math.max(0, halvesWeight * between(halves), thirdsWeight * between(thirds));
}

/** The lag near another one at which onsets repeat best over many beats. */
function refine(correlations: Float64Array, near: number): { lag: number; clarity: number } {
  let best = { lag: near, clarity: -Infinity };
  for (let step = -refinedSteps; step <= refinedSteps; step += 1) {
    const lag = near * (1 + (step * refinedShare) / refinedSteps);
    const places = Array.from({ length: beatsRefined }, (_, beat) => [(beat + 1) * lag, 1] as const);
    const clarity = meanAt(correlations, places);
    if (clarity > best.clarity) best = { lag, clarity };
  }
  return best;
}

/** Weighted mean of values between whole lags; lags beyond the last are left out. */
function meanAt(values: Float64Array, places: readonly (readonly [lag: number, weight: number])[]): number {
  let sum = 0;
  let weights = 0;
  for (const [lag, weight] of places) {
    const below = Math.floor(lag);
    if (below + 1 >= values.length) continue;
    const share = lag - below;
    sum += weight * ((1 - share) * (values[below] ?? 0) + share * (values[below + 1] ?? 0));
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

/** Correlation of a signal with itself, -1..1, for lags from 0 up; each lag is normed by how much overlaps. */
function autocorrelation(values: Float64Array, longestLag: number): Float64Array<ArrayBuffer> {
  const correlations = new Float64Array(longestLag + 1);
  for (let lag = 0; lag <= longestLag; lag += 1) {
    let sum = 0;
    for (let index = lag; index < values.length; index += 1) {
      sum += (values[index] ?? 0) * (values[index - lag] ?? 0);
    }
    correlations[lag] = sum / (values.length - lag);
  }
  const variance = correlations[0] ?? 0;
  return variance > 0 ? correlations.map((value) => value / variance) : correlations;
}
