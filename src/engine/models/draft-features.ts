/**
 * The draft encoder's features and its head: what each number means, and why it moves the draft score.
 *
 * The draft is a rule of thumb about recordings, not a model of taste: it was set by hand, learned from nothing,
 * and can only sort finished, full-sounding mixes before thin, broken or empty ones.
 */

/** One weight of the draft head: the score moves by `weight` for each unit above `neutral`. */
export interface DraftWeight {
  feature: (typeof draftSummaryFeatures)[number];
  unit: string;
  /** The value that leaves the score alone: what an ordinary finished mix shows. */
  neutral: number;
  /** Points on the draft scale for each unit. */
  weight: number;
  reason: string;
}

/** Mel bands of the spectral profile. */
export const draftBandCount = 32;

/** Summary features in the order in which they follow the profile in a draft embedding. */
export const draftSummaryFeatures = [
  'loudness',
  'levelSpread',
  'silentShare',
  'onsetStrength',
  'beatStrength',
  'bassShare',
  'trebleShare',
  'flatness',
] as const;

/**
 * Names of a draft embedding's values in order: for each band its mean level and its spread over time, then the
 * summary features. The profile has no weight in the head; it is there to compare songs with each other.
 */
export const draftFeatureNames: readonly string[] = [
  ...Array.from({ length: draftBandCount }, (_, band) => `bandLevel${band + 1}`),
  ...Array.from({ length: draftBandCount }, (_, band) => `bandSpread${band + 1}`),
  ...draftSummaryFeatures,
];

/** The score of a song whose features are all neutral: the middle of the scale. */
export const draftNeutralScore = 5;

/** The draft head, weight by weight. */
export const draftWeights: readonly DraftWeight[] = [
  {
    feature: 'loudness',
    unit: 'dBFS, root mean square',
    neutral: -18,
    weight: 0.1,
    reason: 'Finished mixes are loud; a very quiet file is more often a failed or an empty generation.',
  },
  {
    feature: 'levelSpread',
    unit: 'dB, standard deviation of the level from frame to frame',
    neutral: 6,
    weight: -0.08,
    reason: 'A level that jumps wildly speaks of gaps and drop-outs more often than of dynamics.',
  },
  {
    feature: 'silentShare',
    unit: 'share of frames under -60 dBFS, 0..1',
    neutral: 0,
    weight: -4,
    reason: 'Silence inside the window is time without music.',
  },
  {
    feature: 'onsetStrength',
    unit: 'dB, mean rise of a band from frame to frame',
    neutral: 1.2,
    weight: 0.6,
    reason: 'Notes and drums that start clearly make a piece that moves; a drone has none.',
  },
  {
    feature: 'beatStrength',
    unit: 'correlation of the onsets with themselves one beat later (60-180 beats a minute), 0..1',
    neutral: 0.3,
    weight: 3,
    reason: 'A steady pulse is what generators lose first when a piece falls apart.',
  },
  {
    feature: 'bassShare',
    unit: 'dB, energy under 150 Hz against the whole',
    neutral: -6,
    weight: 0.05,
    reason: 'A mix without low end sounds thin.',
  },
  {
    feature: 'trebleShare',
    unit: 'dB, energy over 6 kHz against the whole',
    neutral: -26,
    weight: 0.06,
    reason: 'A mix without air sounds dull, as low-rate generations and broken vocoders do.',
  },
  {
    feature: 'flatness',
    unit: 'dB, geometric against arithmetic mean of the spectrum; 0 is white noise',
    neutral: -22,
    weight: -0.06,
    reason: 'The nearer the spectrum is to noise, the less of it is pitch.',
  },
];
