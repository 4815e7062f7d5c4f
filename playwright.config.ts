/** Playwright settings: the page that is served, in Chromium, and the desktop app, in a real Electron. */
import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './test/e2e/support/chromium.ts';

const isCi = Boolean(process.env['CI']);
/** A folder that receives the counts for programs, as `.ci/run` sums them up. */
const reportFolder = process.env['BANGER_TEST_REPORTS'];

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  globalSetup: './test/e2e/support/global-setup.ts',
  // Real songs are scored and real processes started: small machines take their time.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: false,
  forbidOnly: isCi,
  // One more try where nobody can look at once; `scripts/count-tests.js` tells what needed it.
  retries: isCi ? 1 : 0,
  reporter: reportFolder
    ? [['list'], ['json', { outputFile: `${reportFolder}/playwright.json` }]]
    : [['list']],
  projects: [
    {
      name: 'page',
      testDir: 'test/e2e/page',
      use: {
        launchOptions: chromiumOptions(),
        viewport: { width: 1440, height: 900 },
        colorScheme: 'dark',
        contextOptions: { reducedMotion: 'reduce' },
        trace: 'retain-on-failure',
      },
    },
    { name: 'electron', testDir: 'test/e2e/electron' },
  ],
});
