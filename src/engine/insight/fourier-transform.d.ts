/** Types of the one function that is used of `fourier-transform`, which brings none. */
declare module 'fourier-transform' {
  /**
   * Magnitude spectrum of a real signal.
   *
   * @param input length a power of two, N
   * @param output (N / 2) bins from 0 Hz up, written into and returned; a unit-amplitude cosine gives 1
   */
  export default function rfft(
    input: Float32Array | Float64Array,
    output?: Float64Array,
  ): Float64Array<ArrayBuffer>;
}
