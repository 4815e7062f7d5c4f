/** The engine as an app runs it: commands, events, background work that begins by itself, and a clean end. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { EngineHost, type EngineHostOptions } from '../../src/engine/engine-host.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { engineEvents, type EngineEvent } from '../../src/shared/engine-commands.ts';
import { revisionTopics } from '../../src/shared/revisions.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { headRepository, makeHeadRepository } from '../support/hub-fixtures.ts';
import { HubServer } from '../support/hub-server.ts';
import { writeConstantHead } from '../support/linear-head.ts';
import { makeSound } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { isRunning, waitUntil } from '../support/processes.ts';
import { useSongFolder } from '../support/song-folder.ts';

const madeSong = useSongFolder();
const inFolder = useFreshFolder();
const songs = ['a.wav', 'b.wav', 'c.wav'];
const tinyEncoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const tinyHead = join(tinyEncoder, 'head.pt');
let host: EngineHost;
let events: EngineEvent[];

beforeAll(async () => {
  for (const [index, name] of songs.entries())
    await makeSound(madeSong(name), `sine=f=${200 + 90 * index}:d=1`);
});
beforeEach(() => {
  mkdirSync(inFolder('songs'));
});
afterEach(async () => {
  await host.close();
});

async function open(options: EngineHostOptions = {}): Promise<void> {
  events = [];
  host = await EngineHost.open({
    folders: {
      libraryFile: inFolder('library.sqlite'),
      modelsFolder: inFolder('models'),
      cacheFolder: inFolder('cache'),
    },
    settleSeconds: 0.1,
    ...options,
  });
  host.subscribe((event) => {
    // As they are declared, and fit for any channel.
    engineEvents[event.name].parse(event.payload);
    JSON.stringify(event);
    events.push(event);
  });
}

const named = <Name extends EngineEvent['name']>(name: Name) =>
  events.flatMap((event) =>
    event.name === name ? [event.payload as Extract<EngineEvent, { name: Name }>['payload']] : [],
  );
const copySong = (name: string) => {
  copyFileSync(madeSong(name), inFolder('songs', name));
};
const scoredCount = async () => (await host.call('list-song-ids', {})).scoredTotal;
const workState = () => host.call('get-work-state', {});
const isWorking = async () => (await workState()).state === 'working';

/** Opens it with a watched folder that holds all songs, and waits for their scores. */
async function openWithSongs(): Promise<Int32Array> {
  for (const name of songs) copySong(name);
  await open();
  await host.call('add-watched-folder', { path: inFolder('songs') });
  await waitUntil('all songs are scored', async () => (await scoredCount()) === songs.length);
  await waitUntil('all jobs are told', () => named('job-finished').length === songs.length);
  return (await host.call('list-song-ids', {})).songIds;
}

describe('a folder of songs', () => {
  test('is scored while lists are asked for, and everything that happens is told', async () => {
    const [songId = 0] = await openWithSongs();
    expect(named('work-state-changed')).toEqual([{ state: 'working', reason: null }]);
    expect(named('job-finished').map(({ result }) => result?.draft)).toEqual([true, true, true]);
    expect(named('folder-state-changed').at(-1)).toMatchObject({ path: inFolder('songs'), files: 3 });
    await waitUntil('the list is told to be new', () =>
      ['songs', 'folders', 'jobs'].every((topic) =>
        named('library-changed').some(({ topics }) => (topics as string[]).includes(topic)),
      ),
    );
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft', isDraft: true });
    expect(await host.call('get-job-progress', {})).toMatchObject({ counts: { scored: 3 } });
    expect(await host.call('get-song', { songId })).toMatchObject({ row: { rank: 1 } });
    expect(await host.call('open-media', { songId })).toMatchObject({
      mimeType: 'audio/wav',
      isConverted: false,
    });
  });

  test('is judged, undone and seen by every other window at once', async () => {
    const [songId = 0] = await openWithSongs();
    await waitUntil(
      'it is quiet',
      async () => (await host.call('get-job-progress', {})).runner.state === 'idle',
    );
    const verdict = async () => (await host.call('get-judgement', { songId })).verdict;
    events.length = 0;
    await host.call('judge-songs', { songIds: [songId], change: { verdict: 'keep' } });
    await waitUntil('the verdict is told', () =>
      named('library-changed').some(({ topics }) => topics.includes('verdicts')),
    );
    expect(await verdict()).toBe('keep');
    await host.call('undo-change', {});
    expect(await verdict()).toBe('undecided');
  });

  test('is there again at the next start, with what was set', async () => {
    const before = await openWithSongs();
    const changed = await host.call('change-settings', { theme: 'dark', volume: 0.5 });
    expect(changed).toMatchObject({ theme: 'dark', volume: 0.5, targetLufs: -14 });
    await waitUntil('it is told', () => named('settings-changed').some(({ theme }) => theme === 'dark'));
    await host.close();
    await open();
    expect((await host.call('list-song-ids', {})).songIds).toEqual(before);
    expect(await host.call('list-watched-folders', {})).toMatchObject([{ path: inFolder('songs') }]);
    await host.call('change-settings', { volume: 1 });
    expect(await host.call('get-settings', {})).toMatchObject({ theme: 'dark', volume: 1 });
  });

  test('changes that another process makes are told too', async () => {
    const [songId = 0] = await openWithSongs();
    events.length = 0;
    const other = openLibrary(inFolder('library.sqlite'));
    try {
      other.verdicts.put(songId, { verdict: 'reject', stars: 1, note: '', changedAtMs: 1 });
      await waitUntil('the verdict is told', () =>
        named('library-changed').some(({ topics }) => topics.includes('verdicts')),
      );
    } finally {
      other.close();
    }
  });
});

describe('without ffmpeg', () => {
  test('lists and settings work, work says why it does not, and begins by itself', async () => {
    await openWithSongs();
    await host.close();
    const ffmpegPath = inFolder('ffmpeg');
    await open({ ffmpegPath });
    await waitUntil('it has given up', async () => (await workState()).state === 'stopped');
    expect(await workState()).toMatchObject({ reason: { code: 'ffmpeg-missing' } });
    expect(named('work-state-changed').at(-1)).toMatchObject({ state: 'stopped' });
    expect(await scoredCount()).toBe(songs.length);
    expect(await host.call('get-models-in-use', {})).toBeNull();
    expect(await host.call('list-watched-folders', {})).toMatchObject([
      { path: inFolder('songs'), files: 3, reason: expect.stringContaining('ffmpeg') as string },
    ]);
    expect(await host.call('get-job-progress', {})).toMatchObject({
      runner: { state: 'blocked', reason: { code: 'ffmpeg-missing' } },
      counts: { scored: 3 },
    });
    expect(await host.call('list-jobs', {})).toHaveLength(3);
    await expect(host.call('pause-jobs', {})).rejects.toMatchObject({ code: 'ffmpeg-missing' });
    await expect(host.call('use-models', {})).rejects.toMatchObject({ code: 'ffmpeg-missing' });

    // A script, as some distributions have one.
    const program = execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim();
    writeFileSync(ffmpegPath, `#!/bin/sh\nexec ${program} "$@"\n`);
    chmodSync(ffmpegPath, 0o755);
    await waitUntil('it works', isWorking);
    expect(named('models-changed').length).toBeGreaterThan(0);
    await host.call('pause-jobs', {});
  });
});

describe('models', () => {
  test('are used from now on, and at the next start', async () => {
    await openWithSongs();
    const used = await host.call('use-models', { encoder: tinyEncoder, head: tinyHead });
    expect(used).toEqual({ encoder: 'tiny-330m-like', head: 'head', rescored: 0, queued: 3 });
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'tiny-330m-like' });
    const models = { encoder: tinyEncoder, head: tinyHead };
    expect(await host.call('get-settings', {})).toMatchObject({ models });
    await waitUntil('it is told', () => named('settings-changed').length > 0);
    await waitUntil('they have scored all', async () => {
      const { ranking, scoredTotal } = await host.call('list-song-ids', {});
      return ranking?.isDraft === false && scoredTotal === songs.length;
    });
    await host.close();
    await open();
    await waitUntil('it works', isWorking);
    expect(await host.call('get-models-in-use', {})).toMatchObject({
      encoder: 'tiny-330m-like',
      isDraft: false,
    });
    expect(await workState()).toEqual({ state: 'working', reason: null });

    await host.call('use-models', {});
    expect(await host.call('get-settings', {})).toMatchObject({ models: null });
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft' });
  });

  test('that are gone give way to the usual ones, with a reason, until others are chosen', async () => {
    await open();
    const head = inFolder('head.safetensors');
    writeConstantHead(head, 64, 3);
    await host.call('use-models', { encoder: tinyEncoder, head });
    await host.close();
    rmSync(head);
    await open();
    await waitUntil('it works', isWorking);
    expect(await workState()).toMatchObject({ state: 'working', reason: { code: 'model-missing' } });
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft' });
    expect(await host.call('get-settings', {})).toMatchObject({ models: { head } });
    await host.call('use-models', {});
    expect(await workState()).toEqual({ state: 'working', reason: null });
  });

  test('that do not fit are refused, and the former ones stay', async () => {
    await openWithSongs();
    const head = inFolder('head.safetensors');
    writeConstantHead(head, 7, 3);
    await expect(host.call('use-models', { encoder: tinyEncoder, head })).rejects.toMatchObject({
      code: 'checkpoint-mismatch',
    });
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft' });
    expect(await host.call('get-settings', {})).toMatchObject({ models: null });
    copyFileSync(madeSong('a.wav'), inFolder('songs', 'd.wav'));
    await waitUntil('work goes on', () => named('job-finished').length === 4);
  });

  test('a change that is cancelled leaves the former ones at work', async () => {
    await openWithSongs();
    const ended = new AbortController();
    const changing = host.call('use-models', { encoder: tinyEncoder, head: tinyHead }, ended.signal);
    ended.abort();
    await expect(changing).rejects.toMatchObject({ code: 'cancelled' });
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft' });
    copyFileSync(madeSong('b.wav'), inFolder('songs', 'e.wav'));
    await waitUntil('work goes on', () =>
      named('job-finished').some(({ job }) => job.path.endsWith('e.wav')),
    );
  });

  test('a pause outlasts a change of models', async () => {
    await openWithSongs();
    await host.call('pause-jobs', {});
    await host.call('use-models', { encoder: tinyEncoder, head: tinyHead });
    await waitUntil(
      'it is paused',
      async () => (await host.call('get-job-progress', {})).runner.state === 'paused',
    );
    expect(await host.call('get-job-progress', {})).toMatchObject({ counts: { waiting: 3 } });
  });

  test('are imported, listed and removed, but not while they are in use', async () => {
    await open();
    const imported = await host.call('import-model', { path: tinyHead, id: 'mine', encoderId: 'tiny' });
    expect(imported).toMatchObject({ kind: 'head', id: 'mine', state: 'installed', encoderId: 'tiny' });
    await host.call('use-models', { encoder: tinyEncoder, head: 'mine' });
    await expect(host.call('remove-model', { id: 'mine' })).rejects.toMatchObject({ code: 'usage' });
    await host.call('use-models', {});
    events.length = 0;
    expect((await host.call('remove-model', { id: 'mine' })).freedBytes).toBeGreaterThan(0);
    expect(named('models-changed')).toHaveLength(1);
    const ids = (await host.call('list-models', {})).map(({ kind, id }) => `${kind} ${id}`);
    expect(ids).toContain('encoder mert-v1-330m');
    expect(ids).not.toContain('head mine');
  });

  test('a head in use is removed once another has taken its place', async () => {
    await open();
    await host.call('import-model', { path: tinyHead, id: 'mine', encoderId: 'tiny' });
    await host.call('use-models', { encoder: tinyEncoder, head: 'mine' });
    const removed = await host.call('remove-head', { id: 'mine' });
    expect(removed.replacedBy).toEqual({ encoder: 'draft', head: 'draft' });
    expect(removed.freedBytes).toBeGreaterThan(0);
    expect(await host.call('get-models-in-use', {})).toMatchObject({ encoder: 'draft', head: 'draft' });
    await expect(host.call('remove-head', { id: 'mine' })).rejects.toMatchObject({ code: 'model-missing' });
    // What is built in stays, and nothing is switched for it.
    await expect(host.call('remove-head', { id: 'draft' })).rejects.toMatchObject({ code: 'usage' });
    await host.call('import-model', { path: tinyHead, id: 'other', encoderId: 'tiny' });
    expect((await host.call('remove-head', { id: 'other' })).replacedBy).toBeNull();
  });

  test('another execution provider is used at once, and an unknown one says so', async () => {
    await open();
    await waitUntil('it works', isWorking);
    await host.call('change-settings', { provider: 'abacus' });
    await waitUntil('it has given up', async () => (await workState()).state === 'stopped');
    expect(await workState()).toMatchObject({ reason: { code: 'provider-unknown' } });
    await host.call('change-settings', { provider: 'cpu' });
    await waitUntil('it works', isWorking);
    expect(await host.call('get-models-in-use', {})).toMatchObject({ provider: 'cpu' });
  });

  test('a token is used for downloads, and kept in memory alone', async () => {
    await open({ hubToken: 'hf_given' });
    expect(await host.call('get-hub-access', {})).toMatchObject({ tokenSource: 'app' });
    await expect(host.call('use-hub-token', { token: 'two words' })).rejects.toMatchObject({ code: 'usage' });
    await host.call('use-hub-token', { token: null });
    expect((await host.call('get-hub-access', {})).tokenSource).not.toBe('app');
    await host.call('use-hub-token', { token: ' hf_secret ' });
    expect((await host.call('get-hub-access', {})).tokenSource).toBe('app');
    await host.close();
    expect(readFileSync(inFolder('library.sqlite')).includes('hf_secret')).toBe(false);
  });

  test('are planned, downloaded in the background and removed', async () => {
    const hub = await HubServer.start();
    vi.stubEnv('HF_ENDPOINT', hub.endpoint);
    vi.stubEnv('HF_HUB_CACHE', inFolder('hub'));
    try {
      const head = makeHeadRepository();
      hub.repositories.set(headRepository, head);
      const headBytes = head.files['scorer_model.pt']?.bytes.length;
      await open();
      expect(await host.call('get-hub-access', {})).toMatchObject({ endpoint: hub.endpoint });
      const { plans, freeBytes } = await host.call('plan-model-download', { ids: ['banger'] });
      expect(plans).toMatchObject([{ id: 'banger', totalBytes: headBytes, remainingBytes: headBytes }]);
      expect(plans[0]?.destination.startsWith(inFolder('hub'))).toBe(true);
      expect(freeBytes).toBeGreaterThan(0);
      await host.call('start-model-download', { ids: ['banger'] });
      await waitUntil('it is there', () =>
        named('model-download-progressed').some(({ state }) => state === 'finished'),
      );
      expect(await host.call('get-model-download', {})).toMatchObject({ receivedBytes: headBytes });
      expect(named('models-changed').length).toBeGreaterThan(0);
      const stateOf = async () =>
        (await host.call('list-models', {})).find(({ id }) => id === 'banger')?.state;
      expect(await stateOf()).toBe('installed');
      await expect(host.call('remove-model', { id: 'banger' })).rejects.toMatchObject({ code: 'usage' });
      await host.call('remove-model', { id: 'banger', includesSharedCache: true });
      expect(await stateOf()).toBe('not-installed');
    } finally {
      vi.unstubAllEnvs();
      await hub.stop();
    }
  });

  test('the time that MERT would take is estimated', async () => {
    await open();
    const large = await host.call('estimate-encoding', { encoderId: 'mert-v1-330m' });
    expect(large.secondsPerSong).toBeGreaterThan(0);
    expect(Number.isFinite(large.secondsPerSong)).toBe(true);
    const tiny = await host.call('estimate-encoding', { encoderId: tinyEncoder });
    expect(tiny.secondsPerSong).toBeLessThan(large.secondsPerSong / 10);
    await expect(host.call('estimate-encoding', { encoderId: 'no-such' })).rejects.toMatchObject({
      code: 'model-missing',
    });
  });
});

describe('the library file', () => {
  test('that is damaged or newer is refused with its error, and nothing is left running', async () => {
    await open();
    await host.close();
    const file = inFolder('library.sqlite');
    const sound = readFileSync(file);
    writeFileSync(file, 'no library at all, but longer than a header would be. '.repeat(20));
    await expect(EngineHost.open({ folders: { libraryFile: file } })).rejects.toMatchObject({
      code: 'library-corrupt',
    });
    writeFileSync(file, sound);
    // `user_version` stands at offset 60 of the header.
    const newer = Buffer.from(sound);
    newer.writeUInt32BE(99, 60);
    writeFileSync(file, newer);
    await expect(EngineHost.open({ folders: { libraryFile: file } })).rejects.toMatchObject({
      code: 'library-newer',
    });
  });

  test('is restored from a backup while it is in use, and everything goes on with it', async () => {
    await openWithSongs();
    const backup = await host.call('back-up-library', { file: inFolder('backup.sqlite') });
    const [songId = 0] = (await host.call('list-song-ids', {})).songIds;
    await host.call('judge-songs', { songIds: [songId], change: { verdict: 'keep' } });
    events.length = 0;
    const restoring = host.call('restore-library', { backupFile: backup.file });
    // Calls that come meanwhile wait.
    const asked = host.call('get-judgement', { songId });
    const { keptFile } = await restoring;
    expect(await asked).toMatchObject({ verdict: 'undecided' });
    expect(named('library-changed').some(({ topics }) => topics.length === revisionTopics.length)).toBe(true);
    const kept = openLibrary(keptFile ?? '', { readOnly: true });
    expect(kept.verdicts.get(songId)?.verdict).toBe('keep');
    kept.close();
    await waitUntil('it works again', isWorking);
    copyFileSync(madeSong('a.wav'), inFolder('songs', 'd.wav'));
    await waitUntil('a song is received', async () => (await host.call('get-library-stats', {})).files === 4);
  });

  test('stays when a backup is refused', async () => {
    await openWithSongs();
    writeFileSync(inFolder('backup.sqlite'), 'not a backup');
    await expect(
      host.call('restore-library', { backupFile: inFolder('backup.sqlite') }),
    ).rejects.toMatchObject({ code: 'library-corrupt' });
    expect(await scoredCount()).toBe(songs.length);
  });
});

describe('the end', () => {
  test('cancels what is under way, parks what was begun and lets the process go', async () => {
    await openWithSongs();
    const estimate = host.call('estimate-encoding', { encoderId: 'mert-v1-330m' });
    estimate.catch(() => undefined);
    await host.call('use-models', { encoder: tinyEncoder, head: tinyHead });
    await host.close();
    await expect(estimate).rejects.toMatchObject({ code: 'cancelled' });
    await expect(host.call('get-settings', {})).rejects.toMatchObject({ code: 'engine-unreachable' });
    await host.close();
    const library = openLibrary(inFolder('library.sqlite'), { readOnly: true });
    expect(library.jobs.counts().running).toBe(0);
    library.close();
  });

  test('leaves a process that has nothing left to do, and no process of its own', async () => {
    for (const name of songs) copySong(name);
    const script = join(import.meta.dirname, '..', 'support', 'host-child.ts');
    const { stdout } = await execa(process.execPath, [script, inFolder('songs'), inFolder('.')], {
      timeout: 60_000,
    });
    const { children, scored } = JSON.parse(stdout) as { children: number[]; scored: number };
    expect(scored).toBe(songs.length);
    expect(children.length).toBeGreaterThan(0);
    expect(children.filter(isRunning)).toEqual([]);
    await open();
  });

  test('comes at once, also while it has only begun', async () => {
    for (const name of songs) copySong(name);
    await open();
    const adding = host.call('add-watched-folder', { path: inFolder('songs') });
    adding.catch(() => undefined);
    await host.close();
    await Promise.allSettled([adding]);
  });
});

test('a listener that fails harms nobody', async () => {
  await open();
  const heard: string[] = [];
  host.subscribe(() => {
    throw new Error('a window that is gone');
  });
  const unsubscribe = host.subscribe(({ name }) => heard.push(name));
  await waitUntil('it works', isWorking);
  expect(heard).toContain('work-state-changed');
  unsubscribe();
  heard.length = 0;
  await host.call('change-settings', { theme: 'light' });
  await waitUntil('it is told', () => named('settings-changed').length > 0);
  expect(heard).toEqual([]);
});

test('what is asked in a wrong way is refused', async () => {
  await open();
  await expect(host.call('no-such-command', {})).rejects.toMatchObject({ code: 'usage' });
  await expect(host.call('toString', {})).rejects.toMatchObject({ code: 'usage' });
  await expect(host.answer('get-song', { songId: 'x' }, new AbortController().signal)).rejects.toMatchObject({
    code: 'usage',
  });
  await expect(host.call('change-settings', { models: null } as never)).rejects.toMatchObject({
    code: 'usage',
  });
});

test('the app tells about itself', async () => {
  await open();
  const about = await host.call('get-about', {});
  expect(about).toMatchObject({
    libraryFile: inFolder('library.sqlite'),
    modelsFolder: inFolder('models'),
    cacheFolder: inFolder('cache'),
    notices: [],
  });
  expect(about.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(about.providers[0]).toBe('cpu');
  const checks = await host.call('check-health', {});
  expect(checks.map(({ name }) => name)).toContain('ffmpeg');
});
