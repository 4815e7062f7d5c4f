/** Turns a song's peaks into heights of bars. */

/**
 * The height of each span, 0..1: the sample furthest from zero. A song that was not measured gets a flat line.
 *
 * @param peaks lowest and highest sample of each span, in pairs, -127..127
 */
export function peakHeights(peaks: readonly number[]): Float32Array {
  const spans = Math.floor(peaks.length / 2);
  const heights = new Float32Array(Math.max(1, spans));
  for (let span = 0; span < spans; span += 1) {
    const low = Math.abs(peaks[2 * span] ?? 0);
    const high = Math.abs(peaks[2 * span + 1] ?? 0);
    heights[span] = Math.min(1, Math.max(low, high) / 127);
  }
  return heights;
}
