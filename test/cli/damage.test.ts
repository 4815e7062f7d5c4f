/** Hundreds of damaged files among good ones: every one gets its reason, and the good ones their scores. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SongResult } from '../../src/shared/song-result.ts';
import { makeDamagedFiles, makeHostileCheckpoints, songEndings } from '../support/damaged-files.ts';
import type { DamagedFile, SongEnding } from '../support/damaged-files.ts';
import { makeSound } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { useBangerHomes, type BangerRun } from '../support/run-banger.ts';

/** More than the command ever needs by itself, and far less than the damaged headers ask for. */
const memoryLimitBytes = 600e6;

const makeHome = useBangerHomes();

describe('damaged songs', () => {
  const home = makeHome();
  const goodSongs = songEndings.map((ending) => home.path(`good.${ending}`));
  /** Not damaged, only misnamed: scored all the same. */
  const misnamedSong = home.path('really a wav.mp3');
  let files: DamagedFile[] = [];
  let run: BangerRun & { results: SongResult[] };
  let web: Server;
  let webRequests = 0;
  const outcomes = new Map<string, string>();

  beforeAll(async () => {
    for (const [index, song] of goodSongs.entries()) {
      await makeSound(song, `anoisesrc=d=2:a=0.3:seed=${index}:c=${index % 2 === 0 ? 'pink' : 'white'}`);
    }
    cpSync(home.path('good.wav'), misnamedSong);
    const songs = Object.fromEntries(
      songEndings.map((ending) => [ending, readFileSync(home.path(`good.${ending}`))]),
    ) as Record<SongEnding, Buffer>;
    web = createServer((_, response) => {
      webRequests += 1;
      response.end();
    });
    await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
    // Whoever opens this one waits for ever, which the test would notice.
    execFileSync('mkfifo', [home.path('secret.wav')]);
    mkdirSync(home.path('damaged'));
    const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/secret.wav`;
    const secrets = [home.path('secret.wav'), `file:${home.path('secret.wav')}`, '../secret.wav', address];
    const made = makeDamagedFiles({ folder: home.path('damaged'), songs, secrets }, 20_261);
    files = made.files;

    const paths = files.map(({ path }) => path);
    const step = Math.ceil(paths.length / goodSongs.length);
    const mixed = goodSongs.flatMap((song, index) => [
      song,
      ...paths.slice(index * step, (index + 1) * step),
    ]);
    try {
      run = await home.score([...mixed, misnamedSong], { unprivileged: true });
    } finally {
      made.close();
    }
    for (const { path, error } of run.results) outcomes.set(path, error?.code ?? 'scored');
  }, 180_000);
  afterAll(() => web.close());

  test('are at least 300, each with a row of its own', () => {
    const certain = files.filter(({ damage }) => !damage.outcomes.includes('scored'));
    expect(certain.length).toBeGreaterThanOrEqual(300);
    expect(new Set(run.results.map(({ path }) => path))).toEqual(
      new Set([...goodSongs, misnamedSong, ...files.map(({ path }) => path)]),
    );
    expect(run.results).toHaveLength(goodSongs.length + 1 + files.length);
  });

  test('each fail for the right reason; what may have survived is scored or fails', () => {
    const wrong = files
      .filter(({ path, damage }) => !damage.outcomes.includes(outcomes.get(path) ?? 'no row'))
      .map(({ path }) => `${path.split('/').at(-1) ?? path}: ${outcomes.get(path) ?? 'no row'}`);
    expect(wrong).toEqual([]);
    const survivors = files.filter(({ damage }) => damage.outcomes.includes('scored'));
    const scored = survivors.filter(({ path }) => outcomes.get(path) === 'scored');
    expect(scored.length).toBeGreaterThan(0);
    expect(scored.length).toBeLessThan(survivors.length);
    const halves = run.results.filter(({ path, score }) => path.includes('cut off midway') && score !== null);
    expect(halves.length).toBeGreaterThan(0);
    for (const { flags } of halves) expect(flags).toContain('cut-off');
  });

  test('say what happened and what to do', () => {
    for (const { error, score, embeddingRow } of run.results.filter((result) => result.error !== null)) {
      expect(error?.message).toMatch(/^[A-Z].*\.$/s);
      expect(error?.nextStep).toMatch(/^[A-Z].*\.$/s);
      expect([score, embeddingRow]).toEqual([null, null]);
    }
  });

  test('leave the good ones between them with their scores', async () => {
    const alone = await makeHome().score(goodSongs);
    expect(alone.exitCode).toBe(0);
    const withDamage = run.results.filter(({ path }) => goodSongs.includes(path));
    expect(withDamage).toEqual(alone.results);
    const [misnamed, rightlyNamed] = [misnamedSong, home.path('good.wav')].map((song) =>
      run.results.find(({ path }) => path === song),
    );
    expect(misnamed).toMatchObject({ score: rightlyNamed?.score, flags: ['wrong-extension'] });
    expect(run.exitCode).toBe(3);
  });

  test('lead nobody to the files and addresses that they name', () => {
    expect(webRequests).toBe(0);
    expect(existsSync('/tmp/banger-was-run')).toBe(false);
  });

  test('take no more memory than others', () => {
    expect(run.peakResidentBytes).toBeLessThan(memoryLimitBytes);
    if (process.platform === 'linux') expect(run.peakResidentBytes).toBeGreaterThan(20e6);
  });

  test('are told as failed again by the next run, and the good ones are not read again', async () => {
    const sample = files.filter((_, index) => index % 15 === 0).map(({ path }) => path);
    const again = await home.score([...sample, ...goodSongs], { unprivileged: true });
    for (const { path, error, cached } of again.results) {
      if (goodSongs.includes(path)) expect(cached).toBe(true);
      else if (!path.includes('socket'))
        expect([path, error?.code ?? 'scored']).toEqual([path, outcomes.get(path)]);
    }
  });
});

describe('a hostile checkpoint', () => {
  const home = makeHome();
  const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
  const wave = join(parityFolder, 'encoders', 'waveforms', 'w0p5.wav');
  const hostile = Object.entries(makeHostileCheckpoints());

  function expectRefusal(run: BangerRun): void {
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toMatch(/^banger: /m);
    expect(run.stderr).not.toMatch(/unexpected|inference process ended/);
    expect(run.peakResidentBytes).toBeLessThan(memoryLimitBytes);
    expect(existsSync('/tmp/banger-was-run')).toBe(false);
  }

  test.each(hostile)('is refused as a head: %s', async (_, bytes) => {
    writeFileSync(home.path('head.pt'), bytes);
    expectRefusal(await home.run(['score', wave, '--encoder', encoder, '--head', 'head.pt']));
  });

  // The readers are the same for both; weights are mapped instead of read, so those that lie about sizes go again.
  const lying = hostile.filter(([name]) => /terabyte|90 MB|4 GB|beyond/.test(name));
  test.each(lying)('is refused as weights: %s', async (_, bytes) => {
    const folder = home.path('encoder');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const name of ['config.json', 'preprocessor_config.json'])
      cpSync(join(encoder, name), join(folder, name));
    writeFileSync(join(folder, 'pytorch_model.bin'), bytes);
    const head = join(encoder, 'head.pt');
    expectRefusal(await home.run(['score', wave, '--encoder', folder, '--head', head]));
  });

  test.each([
    ['config of nested lists', 'config.json', '['.repeat(1_000_000)],
    ['config of a giant', 'config.json', '{"model_type":"hubert","hidden_size":1e300}'],
    ['config without end', 'config.json', null],
    ['model without end', 'model.safetensors', null],
  ])('is refused with a %s', async (_, name, text) => {
    const folder = home.path('odd');
    rmSync(folder, { recursive: true, force: true });
    cpSync(encoder, folder, { recursive: true });
    // The other form of the weights would be taken instead.
    for (const gone of [name, 'pytorch_model.bin']) rmSync(join(folder, gone));
    if (text === null) execFileSync('mkfifo', [join(folder, name)]);
    else writeFileSync(join(folder, name), text);
    const head = join(encoder, 'head.pt');
    expectRefusal(await home.run(['score', wave, '--encoder', folder, '--head', head]));
  });
});
