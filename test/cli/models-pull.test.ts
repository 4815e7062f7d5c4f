/** `banger models pull` against a Hub on loopback: consent, the download, its refusals, and what is scored with it. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSound } from '../support/make-audio.ts';
import { headCommit, headRepository, mertCommit, mertRepository } from '../support/hub-fixtures.ts';
import { HubServer } from '../support/hub-server.ts';
import { parityFolder, readExpectedScores } from '../support/parity.ts';
import { useBangerHomes, type BangerHome } from '../support/run-banger.ts';
import { waitUntil } from '../support/processes.ts';

const makeHome = useBangerHomes();
const waveforms = join(parityFolder, 'encoders', 'waveforms');
/** A small checkpoint in MERT's form stands for MERT. */
const smallMert = join(parityFolder, 'encoders', 'tiny-330m-like');
const weights = readFileSync(join(smallMert, 'pytorch_model.bin'));

let hub: HubServer;
let home: BangerHome;
beforeEach(async () => {
  home = makeHome();
  hub = await HubServer.start();
  const fileOf = (name: string) => ({ bytes: readFileSync(join(smallMert, name)) });
  hub.repositories.set(mertRepository, {
    commit: mertCommit,
    licence: 'cc-by-nc-4.0',
    files: {
      'config.json': fileOf('config.json'),
      'preprocessor_config.json': fileOf('preprocessor_config.json'),
      'pytorch_model.bin': { bytes: weights, isLarge: true },
    },
  });
  hub.repositories.set(headRepository, {
    commit: headCommit,
    licence: 'apache-2.0',
    files: { 'scorer_model.pt': { ...fileOf('head.pt'), isLarge: true } },
  });
});
afterEach(() => hub.stop());

const pull = (ids: string[], env: Record<string, string> = {}) =>
  home.run(['models', 'pull', ...ids], { env: { HF_ENDPOINT: hub.endpoint, ...env } });

/** Size of the largest file that is not whole yet. */
function largestPart({ folder }: BangerHome): number {
  const parts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.incomplete'),
  );
  return Math.max(0, ...parts.map((name) => statSync(join(folder, name)).size));
}

test('MERT and its head are downloaded on the person’s word and are what scores from then on', async () => {
  const pulled = await pull(['mert-v1-330m', 'banger', '--yes']);
  expect(pulled.exitCode).toBe(0);
  expect(pulled.stdout).toMatch(/^mert-v1-330m is installed: .*\nbanger is installed: .*\n$/);
  expect(pulled.stderr).toContain('licence: cc-by-nc-4.0 (https://creativecommons.org/licenses/by-nc/4.0/)');
  expect(pulled.stderr).toContain('non-commercial use only');
  expect(pulled.stderr).toMatch(/\d+ kB to download/);

  const scored = await home.score([waveforms], { env: { HF_HUB_OFFLINE: '1' } });
  expect(scored.exitCode).toBe(0);
  expect(scored.stderr).not.toContain('draft');
  const expected = readExpectedScores('tiny-330m-like');
  for (const { path, score, ...result } of scored.results) {
    const wave = path.split('/').at(-1)?.replace('.wav', '') ?? '';
    expect(Math.abs((score ?? Number.NaN) - (expected[wave]?.score ?? Number.NaN))).toBeLessThanOrEqual(0.01);
    expect(result).toMatchObject({ encoder: 'mert-v1-330m', head: 'banger', draft: false });
  }
  expect(scored.results).toHaveLength(3);

  // A second pull finds everything and asks nobody.
  const requestsBefore = hub.contentRanges('pytorch_model.bin').length;
  expect(await pull(['mert-v1-330m', 'banger'])).toMatchObject({ exitCode: 0 });
  expect(hub.contentRanges('pytorch_model.bin')).toHaveLength(requestsBefore);
});

test('the draft’s scores do not stand beside MERT’s', async () => {
  const draft = await home.score([waveforms]);
  expect(draft.results.every(({ draft: isDraft, cached }) => isDraft && !cached)).toBe(true);
  await pull(['mert-v1-330m', 'banger', '--yes']);
  const mert = await home.score([waveforms]);
  expect(mert.results.every(({ draft: isDraft, cached }) => !isDraft && !cached)).toBe(true);
  const again = await home.score([waveforms, '--encoder', 'draft']);
  expect(again.results.every(({ draft: isDraft, cached }) => isDraft && cached)).toBe(true);
});

test('without a terminal and without --yes nothing is downloaded', async () => {
  const run = await pull(['mert-v1-330m']);
  expect(run).toMatchObject({ exitCode: 2, stdout: '' });
  expect(run.stderr).toContain('--yes');
  expect(hub.contentRanges('pytorch_model.bin')).toEqual([]);
});

describe('a refusal', () => {
  test('for gated models says where to ask', async () => {
    const repository = hub.repositories.get(mertRepository);
    if (repository !== undefined) repository.isGated = true;
    const run = await pull(['mert-v1-330m', '--yes']);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('HF_TOKEN');
    expect(run.stderr).toContain(mertRepository);
  });

  test('of the network leaves what is already here', async () => {
    const offline = await pull(['banger', '--yes'], { HF_HUB_OFFLINE: '1' });
    expect(offline).toMatchObject({ exitCode: 1, stdout: '' });
    expect(offline.stderr).toContain('HF_HUB_OFFLINE');
    await pull(['banger', '--yes']);
    expect(await pull(['banger', '--yes'], { HF_HUB_OFFLINE: '1' })).toMatchObject({ exitCode: 0 });
    const unreachable = await pull(['mert-v1-330m', '--yes'], { HF_ENDPOINT: 'http://127.0.0.1:9' });
    expect(unreachable).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unreachable.stderr).toContain('cannot be reached');
  });

  test('of one model keeps another from being loaded without it', async () => {
    hub.repositories.delete(headRepository);
    const run = await pull(['mert-v1-330m', 'banger', '--yes']);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(hub.contentRanges('pytorch_model.bin')).toEqual([]);
  });
});

test('a download that is interrupted goes on where it stopped', async () => {
  hub.pace = { chunkBytes: 50_000, pauseMs: 50 };
  const running = home.start(['models', 'pull', 'mert-v1-330m', '--yes'], {
    env: { HF_ENDPOINT: hub.endpoint },
  });
  await waitUntil('a part of the weights is on the disk', () => largestPart(home) > 100_000);
  running.interrupt();
  const { exitCode, stdout } = await running.ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });

  hub.pace = null;
  expect((await pull(['mert-v1-330m', '--yes'])).exitCode).toBe(0);
  const ranges = hub.contentRanges('pytorch_model.bin');
  expect(ranges[0]).toBeUndefined();
  expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
});

test('models in the shared cache are removed only when that is said', async () => {
  await pull(['mert-v1-330m', 'banger', '--yes']);
  mkdirSync(home.path('songs'));
  await makeSound(home.path('songs', 'song.wav'), 'sine=d=1');
  const refused = await home.run(['models', 'remove', 'banger']);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain('--shared-cache');
  expect(await home.run(['models', 'remove', 'banger', '--shared-cache'])).toMatchObject({ exitCode: 0 });
  const scored = await home.score(['songs']);
  expect(scored.results).toMatchObject([{ encoder: 'draft' }]);
  // The encoder alone is no reference: its head has to be named, or installed.
  const run = await home.run(['score', 'songs', '--encoder', 'mert-v1-330m']);
  expect(run).toMatchObject({ exitCode: 1, stdout: '' });
  expect(run.stderr).toContain('banger models pull banger');
});

test('weights that change after the download are noticed', async () => {
  await pull(['mert-v1-330m', 'banger', '--yes']);
  const [before] = (await home.score([waveforms])).results;
  const changed = Buffer.from(weights);
  // A weight, deep in the middle of the file.
  changed.writeFloatLE(0.25, Math.floor(weights.length / 8) * 4);
  const { stdout } = await home.run(['models', 'list', '--format', 'json']);
  const location = /"location": "(.*MERT.*)"/.exec(stdout)?.[1] ?? '';
  writeFileSync(join(location, 'pytorch_model.bin'), changed);
  const after = (await home.score([waveforms])).results.find(({ path }) => path === before?.path);
  expect(after?.cached).toBe(false);
});
