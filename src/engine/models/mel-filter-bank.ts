/** Triangular filters that gather the bins of a spectrum into mel bands. */

/**
 * A bank of triangular filters, evenly spaced on the HTK mel scale, each with a peak of 1.
 *
 * @param bandCount number of bands
 * @param binCount bins of a one-sided spectrum, from 0 Hz to half the sample rate
 * @param sampleRateHz sample rate of the signal that the spectrum was made from
 * @param lowestHz lower edge of the first band
 * @param highestHz upper edge of the last band
 * @returns weights (bandCount, binCount) in C order, each 0..1
 */
export function melFilterBank(
  bandCount: number,
  binCount: number,
  sampleRateHz: number,
  lowestHz: number,
  highestHz: number,
): Float32Array<ArrayBuffer> {
  const lowestMel = hzToMel(lowestHz);
  const melStep = (hzToMel(highestHz) - lowestMel) / (bandCount + 1);
  const edgeHz = (index: number) => melToHz(lowestMel + index * melStep);
  const binHz = sampleRateHz / 2 / (binCount - 1);
  const weights = new Float32Array(bandCount * binCount);
  for (let band = 0; band < bandCount; band++) {
    const [lower, centre, upper] = [edgeHz(band), edgeHz(band + 1), edgeHz(band + 2)];
    for (let bin = 0; bin < binCount; bin++) {
      const rising = (bin * binHz - lower) / (centre - lower);
      const falling = (upper - bin * binHz) / (upper - centre);
      weights[band * binCount + bin] = Math.max(0, Math.min(rising, falling));
    }
  }
  return weights;
}

function hzToMel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

function melToHz(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}
