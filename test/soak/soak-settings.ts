/** How long the long tests are: a short form for every run, a long one for `npm run soak`. */

const isLong = process.env['BANGER_SOAK'] === '1';

export const soak = {
  /** The same seed repeats a run, as far as the machine's own timing lets it. */
  seed: Number(process.env['BANGER_SEED'] ?? 20_261_123),
  crash: isLong ? { files: 200, kills: 50, pauseMs: 800 } : { files: 40, kills: 10, pauseMs: 300 },
  churn: { seconds: isLong ? 600 : 20 },
  timeLimitMs: isLong ? 30 * 60_000 : 4 * 60_000,
};
