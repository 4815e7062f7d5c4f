/** Says in words how far a precision's ranking agrees with fp32's, for window, page and command line alike. */
import type { Agreement } from './precision-commands.ts';

/**
 * One or two sentences, such as “On 32 of your songs with the head banger, int8 ranks as fp32 does to 0.998 (Spearman);
 * the largest difference is 0.11 points.”
 */
export function describeAgreement({
  songs,
  head,
  precision,
  spearman,
  maximumDifference,
}: Agreement): string {
  const on = `On ${songs} of your songs with the head ${head}`;
  const difference = `the largest difference of a score is ${maximumDifference.toFixed(2)} points`;
  if (spearman === null) return `${on}, ${difference}. That is too few to compare an order.`;
  return `${on}, the order of ${precision} agrees with that of fp32 to ${roundedDown(spearman)} (Spearman; 1 is the same order); ${difference}.`;
}

/** Three decimals, never rounded up to an agreement that was not there. */
function roundedDown(value: number): string {
  return (Math.floor(value * 1000) / 1000).toFixed(3);
}
