/** One session watches, scores and answers the commands that window, page and command line give. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { WorkSession, type WorkSessionOptions } from '../../src/engine/work-session.ts';
import { callCommand, type CommandRequest } from '../../src/shared/call-command.ts';
import type { DomainEvent } from '../../src/shared/contract.ts';
import { workCommands, type workEvents } from '../../src/shared/work-commands.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { writeConstantHead } from '../support/linear-head.ts';
import { makeSound } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { waitUntil } from '../support/processes.ts';
import { useSongFolder } from '../support/song-folder.ts';

const madeSong = useSongFolder();
const inFolder = useFreshFolder();
const songs = ['a.wav', 'b.wav', 'c.wav'];
const events: DomainEvent<typeof workEvents>[] = [];
let engine: Engine;
let session: WorkSession;

beforeAll(async () => {
  for (const [index, name] of songs.entries())
    await makeSound(madeSong(name), `sine=f=${200 + 90 * index}:d=1`);
});
beforeEach(async () => {
  events.length = 0;
  mkdirSync(inFolder('songs'));
  engine = await Engine.open({
    folders: {
      libraryFile: inFolder('library.sqlite'),
      modelsFolder: inFolder('models'),
      cacheFolder: inFolder('cache'),
    },
  });
});
afterEach(async () => {
  await session.close();
  await engine.close();
});

async function start(options: Partial<WorkSessionOptions> = {}): Promise<void> {
  session = await WorkSession.start(engine, {
    encoder: 'draft',
    folders: null,
    settleSeconds: 0.2,
    emit: (event) => events.push(event),
    ...options,
  });
}

const call = <Name extends keyof typeof workCommands>(
  name: Name,
  request: CommandRequest<typeof workCommands, Name>,
) => callCommand(workCommands, session.handlers, name, request);

function copySong(name: string): Promise<void> {
  return copyFile(madeSong(name), inFolder('songs', name));
}

const outcomes = () =>
  events.flatMap((event) => (event.name === 'job-finished' ? [event.payload.job.outcome] : []));

test('scores what lies in a folder and what arrives, and says so', async () => {
  await copySong('a.wav');
  await start({ folders: [inFolder('songs')] });
  await session.whenDone();
  await copySong('b.wav');
  await waitUntil('the arrival is scored', () => outcomes().length === 2);
  expect(outcomes()).toEqual(['scored', 'scored']);
  const finished = events.flatMap((event) => (event.name === 'job-finished' ? [event.payload] : []));
  expect(finished[0]?.result).toMatchObject({ path: inFolder('songs', 'a.wav'), draft: true });
  expect(await call('get-job-progress', {})).toMatchObject({ counts: { scored: 2, waiting: 0 } });
  expect(await call('list-jobs', { outcomes: ['scored'] })).toHaveLength(2);
});

test('folders are added, paused, resumed and removed, and remembered', async () => {
  await copySong('a.wav');
  await start();
  await call('add-watched-folder', { path: inFolder('songs') });
  await waitUntil('the song is scored', () => outcomes().length === 1);
  await call('pause-watched-folder', { path: inFolder('songs') });
  expect(await call('list-watched-folders', {})).toMatchObject([{ state: 'paused' }]);
  await copySong('b.wav');
  await session.close();

  await start();
  expect(await call('list-watched-folders', {})).toMatchObject([
    { path: inFolder('songs'), state: 'paused' },
  ]);
  await call('resume-watched-folder', { path: inFolder('songs') });
  await waitUntil('what came meanwhile is scored', () => outcomes().length === 2);
  await call('remove-watched-folder', { path: inFolder('songs') });
  expect(await call('list-watched-folders', {})).toEqual([]);
  expect(engine.library.stats().songs).toBe(2);
});

test('what is dropped is taken in: folders are watched, files alone are scored', async () => {
  for (const name of songs) await copySong(name);
  writeFileSync(inFolder('songs', 'notes.txt'), 'no song');
  await start();
  const path = inFolder('songs', 'a.wav');
  const [gone, text] = [inFolder('songs', 'gone.wav'), inFolder('songs', 'notes.txt')];
  expect(await call('add-paths', { paths: [path, gone, text, path] })).toEqual({
    watchedFolders: [],
    queuedFiles: 1,
    refused: [gone, text],
  });
  await waitUntil('the file is scored', () => outcomes().length === 1);
  expect(await call('list-watched-folders', {})).toEqual([]);
  expect(engine.library.stats().songs).toBe(1);

  const folder = inFolder('songs');
  expect(await call('add-paths', { paths: [folder] })).toMatchObject({ watchedFolders: [folder] });
  await waitUntil('the folder is scored', () => engine.library.stats().songs === 3);
  await call('pause-watched-folder', { path: folder });
  await call('add-paths', { paths: [folder] });
  expect(await call('list-watched-folders', {})).toMatchObject([{ path: folder, state: 'paused' }]);
});

test('a folder that is not there or not watched is refused', async () => {
  await start();
  await expect(call('add-watched-folder', { path: inFolder('nowhere') })).rejects.toMatchObject({
    code: 'file-missing',
  });
  await expect(call('pause-watched-folder', { path: inFolder('songs') })).rejects.toMatchObject({
    code: 'usage',
  });
  await expect(call('add-watched-folder', { path: '' })).rejects.toMatchObject({ code: 'usage' });
});

test('a vanished file is missing, a vanished folder only out of reach', async () => {
  for (const name of songs) await copySong(name);
  await start({ folders: [inFolder('songs')] });
  await session.whenDone();
  rmSync(inFolder('songs', 'a.wav'));
  await waitUntil('the file is missing', () => engine.library.stats().missingFiles === 1);
  renameSync(inFolder('songs'), inFolder('songs.away'));
  await call('rescan-watched-folders', {});
  expect(await call('list-watched-folders', {})).toMatchObject([{ state: 'unavailable' }]);
  expect(engine.library.stats()).toMatchObject({ songs: 3, missingFiles: 1 });
  renameSync(inFolder('songs.away'), inFolder('songs'));
  await call('rescan-watched-folders', {});
  expect(engine.library.stats()).toMatchObject({ songs: 3, missingFiles: 1 });
});

test('a file that is ignored from now on is not taken for missing', async () => {
  for (const name of songs) await copySong(name);
  await start();
  await call('add-watched-folder', { path: inFolder('songs') });
  await waitUntil('all are scored', () => outcomes().length === 3);
  await call('add-watched-folder', { path: inFolder('songs'), ignorePatterns: ['a.wav'] });
  await call('rescan-watched-folders', {});
  await session.whenDone();
  expect(engine.library.stats()).toMatchObject({ files: 3, missingFiles: 0 });
});

test('a sidecar that comes after its song says how it was made', async () => {
  await copySong('a.wav');
  await start({ folders: [inFolder('songs')] });
  await session.whenDone();
  const songId = engine.library.files.byPath(inFolder('songs', 'a.wav'))?.song?.id ?? 0;
  expect(engine.library.generations.ofSong(songId)).toBeNull();
  writeFileSync(inFolder('songs', 'a.json'), JSON.stringify({ prompt: 'slow waltz', seed: 42 }));
  await waitUntil(
    'the prompt is known',
    () => engine.library.generations.ofSong(songId)?.prompt === 'slow waltz',
  );
});

test('other models score what is there, and what failed is tried again on request', async () => {
  for (const name of songs) await copySong(name);
  writeFileSync(inFolder('songs', 'broken.wav'), 'no song');
  await start({ folders: [inFolder('songs')] });
  await session.whenDone();
  expect(await call('retry-failed-jobs', {})).toEqual({ count: 1 });
  await session.whenDone();
  expect(await call('list-jobs', { outcomes: ['failed'] })).toHaveLength(1);

  const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
  const changed = await call('use-models', { encoder, head: join(encoder, 'head.pt') });
  expect(changed).toEqual({ encoder: 'tiny-330m-like', head: 'head', rescored: 0, queued: 4 });
  await session.whenDone();
  expect(engine.library.stats()).toMatchObject({ embeddings: 6, scores: 6 });

  const head = inFolder('head.safetensors');
  writeConstantHead(head, 64, 3);
  expect(await call('use-models', { encoder, head })).toMatchObject({ rescored: 3, queued: 1 });
  expect(engine.library.stats()).toMatchObject({ embeddings: 6, scores: 9 });
});

test('jobs are paused, put first and cancelled', async () => {
  await start({ folders: [inFolder('songs')] });
  await call('pause-jobs', {});
  await waitUntil('it is paused', async () => (await call('get-job-progress', {})).runner.state === 'paused');
  for (const name of songs) await copySong(name);
  await waitUntil('they wait', async () => (await call('get-job-progress', {})).counts.waiting === 3);
  await call('raise-job-priority', { paths: [inFolder('songs', 'b.wav')] });
  expect((await call('list-jobs', {}))[0]?.path).toBe(inFolder('songs', 'b.wav'));
  expect(await call('cancel-waiting-jobs', {})).toEqual({ count: 3 });
  await call('resume-jobs', {});
  await session.whenDone();
  expect(engine.library.stats().scores).toBe(0);
});
