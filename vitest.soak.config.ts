/** Vitest settings of the long form of the crash and churn tests, which `npm run soak` runs for minutes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    env: { BANGER_SOAK: '1' },
    pool: 'forks',
    // Side by side they would take the processors from each other, and with them the moments that matter.
    fileParallelism: false,
  },
});
