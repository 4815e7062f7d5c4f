/** `banger models`: what is listed, imported, used by name and removed again. */
import { cpSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parityFolder, readExpectedScores } from '../support/parity.ts';
import { useBangerHomes, type BangerHome } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const waveforms = join(parityFolder, 'encoders', 'waveforms');
const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const expectedScores = Object.values(readExpectedScores('tiny-330m-like'))
  .map(({ score }) => score)
  .sort((a, b) => b - a);

const listSchema = z.object({
  models: z.array(z.object({ kind: z.string(), id: z.string(), state: z.string() })),
  convertedWeights: z.array(z.object({ key: z.string(), sizeBytes: z.number() })),
});

/** Every model as `kind id: state`. */
async function listModels(home: BangerHome): Promise<string[]> {
  const { stdout } = await home.run(['models', 'list', '--format', 'json']);
  return listSchema.parse(JSON.parse(stdout)).models.map(({ kind, id, state }) => `${kind} ${id}: ${state}`);
}

const known = [
  'encoder mert-v1-330m: not-installed',
  'encoder mert-v1-95m: not-installed',
  'encoder draft: built-in',
  'head banger: not-installed',
  'head draft: built-in',
];

test('a fresh machine has the draft, and the catalogue says what else there is', async () => {
  const home = makeHome();
  expect(await listModels(home)).toEqual(known);
  const { stdout, exitCode } = await home.run(['models', 'list']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^encoder +mert-v1-330m +not-installed +~1\.3 GB .*CC-BY-NC-4\.0/m);
  expect(readdirSync(home.folder)).toEqual([]);
});

describe('an imported encoder and its head', () => {
  const home = makeHome();

  test('are listed and used by name', async () => {
    const imported = await home.run(['models', 'import', encoder]);
    expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
    expect(imported.stdout).toContain('Use it with --encoder tiny-330m-like');
    const head = ['models', 'import', join(encoder, 'head.pt'), '--encoder', 'tiny-330m-like'];
    expect((await home.run([...head, '--id', 'tiny'])).stdout).toContain('--head tiny');
    expect(await listModels(home)).toEqual([
      ...known.slice(0, 3),
      'encoder tiny-330m-like: installed',
      ...known.slice(3),
      'head tiny: installed',
    ]);
    // Either name is enough: the head knows its encoder, and it is the encoder's only head.
    for (const choice of [
      ['--encoder', 'tiny-330m-like'],
      ['--head', 'tiny'],
    ]) {
      const { results } = await home.score([waveforms, ...choice]);
      expect(results).toHaveLength(3);
      for (const [index, { score, encoder: used, head: usedHead }] of results.entries()) {
        expect(Math.abs((score ?? Number.NaN) - (expectedScores[index] ?? Number.NaN))).toBeLessThan(0.01);
        expect([used, usedHead]).toEqual(['tiny-330m-like', 'tiny']);
      }
    }
    await home.run([...head, '--id', 'tiny-too']);
    const ambiguous = await home.run(['score', waveforms, '--encoder', 'tiny-330m-like']);
    expect(ambiguous).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ambiguous.stderr).toContain('Name one of them with --head: tiny, tiny-too.');
  });

  test('are removed by name, the originals stay', async () => {
    const removed = await home.run(['models', 'remove', 'tiny', 'tiny-too', 'tiny-330m-like']);
    expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(removed.stdout.match(/^Removed /gm)).toHaveLength(3);
    expect(await listModels(home)).toEqual(known);
    expect(existsSync(join(encoder, 'model.safetensors'))).toBe(true);
    const again = await home.run(['models', 'remove', 'tiny']);
    expect(again).toMatchObject({ exitCode: 1, stdout: '' });
    expect(again.stderr).toContain('There is no model “tiny”');
  });
});

test('a referenced encoder is used where it lies, and missed when it goes', async () => {
  const home = makeHome();
  const original = home.path('original');
  cpSync(encoder, original, { recursive: true });
  await home.run(['models', 'import', original, '--reference', '--id', 'mine']);
  const options = ['--encoder', 'mine', '--head', join(encoder, 'head.pt')];
  expect((await home.score([waveforms, ...options])).exitCode).toBe(0);
  renameSync(original, home.path('elsewhere'));
  expect(await listModels(home)).toContain('encoder mine: broken');
  const run = await home.run(['score', waveforms, ...options]);
  expect(run).toMatchObject({ exitCode: 1, stdout: '' });
  expect(run.stderr).toContain(original);
  await home.run(['models', 'remove', 'mine']);
  expect(await listModels(home)).toEqual(known);
  expect(existsSync(home.path('elsewhere', 'model.safetensors'))).toBe(true);
});

describe('an import that is refused', () => {
  const home = makeHome();
  test.each([
    { path: join(parityFolder, 'head', 'malicious.pt'), options: [], exitCode: 1, reason: 'nothing was run' },
    { path: join(parityFolder, 'audio', 'mono-22050.wav'), options: [], exitCode: 1, reason: 'banger:' },
    { path: join(parityFolder, 'audio'), options: [], exitCode: 1, reason: 'banger:' },
    { path: '/nowhere', options: [], exitCode: 1, reason: 'nothing to import at this path' },
    { path: encoder, options: ['--id', '../up'], exitCode: 2, reason: 'cannot be a model’s id' },
    { path: encoder, options: ['--id', 'draft'], exitCode: 2, reason: 'another model of the catalogue' },
  ])('says why and leaves nothing: $path $options', async ({ path, options, exitCode, reason }) => {
    const run = await home.run(['models', 'import', path, ...options]);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(reason);
    expect(run.stderr).not.toContain('unexpected');
    expect(await listModels(home)).toEqual(known);
  });
});
