/** Vitest settings: real processes are slow to start on small machines, so time limits are wide. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** A folder that receives the counts for programs, as `.ci/run` sums them up. */
const reportFolder = process.env['BANGER_TEST_REPORTS'];

export default defineConfig({
  // The window's state is made of runes.
  plugins: [svelte()],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: reportFolder
      ? ['default', ['json', { outputFile: `${reportFolder}/vitest.json` }]]
      : ['default'],
  },
});
