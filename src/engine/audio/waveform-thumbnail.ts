/** Makes a small waveform of a song's peaks, for a row of a list. */

/**
 * The loudest sample of each of equal spans, 0..127.
 *
 * @param peaks lowest and highest sample of each bucket, in pairs, as `WaveformMeter` gives them
 * @param spans number of parts, at least 1; a part without a bucket of its own repeats its neighbour
 */
export function waveformThumbnail(peaks: Int8Array, spans: number): Uint8Array<ArrayBuffer> {
  const heights = new Uint8Array(spans);
  const buckets = Math.floor(peaks.length / 2);
  for (let span = 0; span < spans && buckets > 0; span += 1) {
    const start = Math.floor((span * buckets) / spans);
    const end = Math.max(start + 1, Math.floor(((span + 1) * buckets) / spans));
    for (let bucket = start; bucket < end; bucket += 1) {
      const low = -(peaks[2 * bucket] ?? 0);
      const high = peaks[2 * bucket + 1] ?? 0;
      heights[span] = Math.min(127, Math.max(heights[span] ?? 0, low, high));
    }
  }
  return heights;
}
