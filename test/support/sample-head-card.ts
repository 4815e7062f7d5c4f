/** A head's model card for tests. */
import type { HeadCard } from '../../src/shared/head-card.ts';
import { referenceRecipe } from '../../src/shared/training-recipe.ts';

const metrics = {
  songs: 3,
  mae: { value: 1, low: 0.5, high: 1.5 },
  rmse: null,
  spearman: null,
  kendall: null,
  pairwiseAccuracy: null,
  bias: null,
};
/** A card of a head with an input of 12 and layers of 8 and 4; its labels are spread evenly from 0 to 10. */
export const sampleHeadCard: HeadCard = {
  format: 1,
  name: 'mine',
  createdAt: '2026-01-31T12:00:00.000Z',
  encoder: { id: 'mert-v1-330m', sha256: 'ab'.repeat(32), embeddingSize: 12 },
  data: {
    source: 'Songs of a test, with “quotes” and 音.',
    label: 'listens',
    scale: { method: 'log-minmax', minimum: 1, maximum: 1000 },
    songs: 20,
    notes: ['1 rows have no value and are left out.'],
    trainSongs: 14,
    validationSongs: 3,
    testSongs: 3,
    splitSha256: 'cd'.repeat(32),
  },
  recipe: { ...referenceRecipe, widths: [8, 4], dropout: [0.3, 0.3] },
  epochsRun: 5,
  bestEpoch: 3,
  validation: metrics,
  test: metrics,
  baselines: [{ name: 'mean', metrics }],
  labelPercentiles: Array.from({ length: 101 }, (_, percent) => percent / 10),
  scorePercentiles: Array.from({ length: 101 }, () => 5),
};
