/** Finds where a song is loudest, from its waveform peaks. */

/** Length of the part that is looked for: about a chorus line. */
const partSeconds = 12;
/** A lead-in, so that the part does not begin in mid-beat. */
const leadInSeconds = 1;

/**
 * Where to start so that the loudest part is heard.
 *
 * @param peaks lowest and highest sample of each bucket, in pairs, -127..127
 * @returns seconds from the beginning; 0 for a song shorter than the part
 */
export function loudestPartStart(peaks: readonly number[], durationSeconds: number): number {
  const buckets = Math.floor(peaks.length / 2);
  if (buckets === 0 || durationSeconds <= partSeconds) return 0;
  const energies = Array.from({ length: buckets }, (_, bucket) => {
    const range = (peaks[2 * bucket + 1] ?? 0) - (peaks[2 * bucket] ?? 0);
    return range * range;
  });
  const span = Math.max(1, Math.min(buckets, Math.round((partSeconds / durationSeconds) * buckets)));
  let energy = energies.slice(0, span).reduce((sum, value) => sum + value, 0);
  let [best, bestEnergy] = [0, energy];
  for (let start = 1; start + span <= buckets; start += 1) {
    energy += (energies[start + span - 1] ?? 0) - (energies[start - 1] ?? 0);
    if (energy > bestEnergy) [best, bestEnergy] = [start, energy];
  }
  return Math.max(0, (best / buckets) * durationSeconds - leadInSeconds);
}
