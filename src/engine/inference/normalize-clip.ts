/** Brings a clip to zero mean and unit variance, as Wav2Vec2FeatureExtractor's `do_normalize` asks. */

/** Keeps silence from being divided by zero; the constant of `zero_mean_unit_var_norm` in transformers. */
const VARIANCE_EPSILON = 1e-7;

/**
 * `(x - mean) / sqrt(variance + 1e-7)` over the whole clip, with the population variance.
 * Sums are kept in double precision: 720,000 float32 additions would lose digits. Plain loops, since
 * `Float32Array.from` first collects a list of boxed numbers, 30 MB for half a minute that V8's heap grows by.
 */
export function normalizeClip(samples: Float32Array): Float32Array<ArrayBuffer> {
  let sum = 0;
  for (const sample of samples) sum += sample;
  const mean = sum / samples.length;
  let squares = 0;
  for (const sample of samples) squares += (sample - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / samples.length + VARIANCE_EPSILON);
  const normalized = new Float32Array(samples.length);
  let index = 0;
  for (const sample of samples) normalized[index++] = (sample - mean) * scale;
  return normalized;
}
