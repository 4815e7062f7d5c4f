/**
 * Prints how the tests went, over both runners, from the reports in a folder: `node scripts/count-tests.js <folder>`.
 * Fails where a test failed, and where end-to-end tests of the page or of the desktop app were left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? '.';

/** @param {string} name */
function readReport(name) {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

const counts = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const problems = [];

const vitest = readReport('vitest.json');
if (vitest === null) problems.push('Vitest wrote no report.');
else {
  counts.passed += vitest.numPassedTests;
  counts.failed += vitest.numFailedTests;
  counts.skipped += vitest.numPendingTests + (vitest.numTodoTests ?? 0);
  if (!vitest.success && vitest.numFailedTests === 0) problems.push('A test file could not be run.');
}

const playwright = readReport('playwright.json');
if (playwright === null) problems.push('Playwright wrote no report.');
else {
  const { expected, unexpected, flaky, skipped } = playwright.stats;
  counts.passed += expected + flaky;
  counts.failed += unexpected;
  counts.skipped += skipped;
  // Each is a fault of a test or of the app that shows now and then: told, so that it is looked into.
  if (flaky > 0) console.log(`${flaky} end-to-end tests passed at the second try only.`);
  if (skipped > 0) problems.push(`${skipped} end-to-end tests were left out.`);
  if (playwright.errors.length > 0) problems.push('Playwright stopped with an error.');
  const ran = projectsOf(playwright.suites);
  for (const project of ['page', 'electron']) {
    if (!ran.has(project)) problems.push(`No end-to-end test ran in the project ${project}.`);
  }
}

for (const problem of problems) console.log(problem);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = problems.length > 0 || counts.failed > 0 ? 1 : 0;

/**
 * The projects that ran a test, in suites and the suites inside them.
 *
 * @param {any[]} suites
 * @returns {Set<string>}
 */
function projectsOf(suites) {
  return new Set(
    suites.flatMap((suite) => [
      ...projectsOf(suite.suites ?? []),
      ...(suite.specs ?? []).flatMap((/** @type {any} */ spec) =>
        spec.tests.map((/** @type {any} */ test) => test.projectName),
      ),
    ]),
  );
}
