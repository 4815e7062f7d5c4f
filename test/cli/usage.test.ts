/** Wrong command lines end with code 2, a reason and nothing on the standard output; help and version with 0. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const home = makeHome();
const packageFile = join(import.meta.dirname, '..', '..', 'package.json');

describe('a wrong command line', () => {
  test.each([
    { line: 'score', reason: 'missing required argument' },
    { line: 'score song.wav --colour', reason: 'unknown option' },
    { line: 'score song.wav --format xml', reason: 'table, json, csv' },
    { line: 'score song.wav --top 0', reason: 'whole number of at least 1' },
    { line: 'score song.wav --top many', reason: 'whole number of at least 1' },
    { line: 'score song.wav --provider abacus', reason: 'has: cpu' },
    { line: 'models pull draft', reason: 'built in' },
    { line: 'models remove draft', reason: 'built in' },
    { line: 'models paint', reason: 'unknown command' },
    { line: 'sing', reason: 'unknown command' },
    { line: '', reason: 'Usage: banger' },
  ])('“$line” says: $reason', async ({ line, reason }) => {
    const run = await home.run(line.split(' ').filter((word) => word !== ''));
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(reason);
  });

  test('with a broken environment says which variable', async () => {
    const run = await home.run(['models', 'list'], { env: { HF_ENDPOINT: 'nonsense' } });
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('HF_ENDPOINT');
  });
});

describe('help', () => {
  test.each([
    { line: '--help', says: ['score', 'models', 'doctor', 'Examples:'] },
    { line: 'score --help', says: ['--embeddings', '--top', 'Examples:', 'Exit codes:'] },
    { line: 'models --help', says: ['list', 'pull', 'import', 'remove', 'Examples:'] },
    { line: 'doctor --help', says: ['--format', 'Exit codes:'] },
  ])('of “$line” is on the standard output', async ({ line, says }) => {
    const run = await home.run(line.split(' '));
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    for (const text of says) expect(run.stdout).toContain(text);
  });

  test('is not needed to learn the version', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(packageFile, 'utf8')));
    expect(await home.run(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('models that cannot be used', () => {
  test.each([
    { options: ['--encoder', 'mert-v1-330m'], reason: 'banger models pull mert-v1-330m' },
    { options: ['--encoder', 'mert-v9'], reason: 'There is no encoder “mert-v9”' },
    { options: ['--encoder', './nowhere'], reason: 'There is no encoder at this path' },
    { options: ['--head', 'banger'], reason: 'banger models pull banger' },
    { options: ['--head', './nowhere.pt'], reason: 'There is no head at this path' },
    { options: ['--encoder', 'draft', '--head', './nowhere.pt'], reason: 'There is no head at this path' },
  ])('end the run before any song: $options', async ({ options, reason }) => {
    const run = await home.run(['score', 'song.wav', ...options]);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain(reason);
  });
});
