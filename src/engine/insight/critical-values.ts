/** How far an interval reaches: critical values of the normal distribution and of Student's t. */

/** Confidence of every interval, and of all intervals of an analysis together where several are compared. */
export const confidence = 0.95;

/**
 * The confidence that each of several intervals needs, so that all of them hold together with `confidence`
 * (Bonferroni).
 */
export function confidenceOfEach(comparisons: number): number {
  return 1 - (1 - confidence) / Math.max(1, comparisons);
}

/** So many standard deviations on both sides of the mean hold the given share, 0..1, of a normal distribution. */
export function normalCritical(share: number): number {
  return tCritical(share, Infinity);
}

/**
 * The same for Student's t. Found by halving, which needs no more than the distribution itself and is as exact as
 * that is: about 12 digits.
 *
 * @param degrees degrees of freedom, above 0; need not be whole
 */
export function tCritical(share: number, degrees: number): number {
  const tail = 1 - share;
  let high = 1;
  while (twoSidedTail(high, degrees) > tail && high < 1e12) high *= 2;
  let low = 0;
  for (let halving = 0; halving < 100 && high - low > high * 1e-14; halving++) {
    const middle = (low + high) / 2;
    if (twoSidedTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Chance of a value further from 0 than `t`, on either side. */
function twoSidedTail(t: number, degrees: number): number {
  // Past this many degrees, both distributions agree in every digit that is kept.
  if (degrees > 1e10) return regularizedUpperGammaHalf((t * t) / 2);
  return regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** Q(1/2, x) = erfc(√x): a series where x is small, else Lentz's continued fraction (Numerical Recipes 6.2). */
function regularizedUpperGammaHalf(x: number): number {
  const scale = Math.exp(-x) * Math.sqrt(x / Math.PI);
  if (x < 1.5) {
    let [term, sum] = [2, 2];
    for (let n = 1; n < 200 && term > sum * 1e-17; n++) {
      term *= x / (n + 0.5);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let b = x + 0.5;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 500; n++) {
    const a = -n * (n - 0.5);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return scale * fraction;
}

/** I(x; a, b) by Lentz's continued fraction (Numerical Recipes 6.4), 0..1. */
function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

const lanczos = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
];

/** ln Γ(x) for x of at least 0.5 (Lanczos, g = 7). */
function logGamma(x: number): number {
  const shifted = x - 1;
  let sum = lanczos[0] ?? 0;
  for (let index = 1; index < lanczos.length; index++) sum += (lanczos[index] ?? 0) / (shifted + index);
  const base = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}
