/** The page over a real engine: calls, events and songs, and what a page may not reach on the served machine. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardPaths } from '../../src/server/path-guard.ts';
import type { CommandRequest } from '../../src/shared/call-command.ts';
import { engineCommands, type EngineCommands } from '../../src/shared/engine-commands.ts';
import { makeSound } from '../support/make-audio.ts';
import { openPageSocket, type PageSocket } from '../support/page-socket.ts';
import { waitUntil } from '../support/processes.ts';
import { enter } from '../support/serve.ts';
import { serveLibrary, type ServedLibrary } from '../support/served-library.ts';
import { useSongFolder } from '../support/song-folder.ts';

const inFolder = useSongFolder();
let served: ServedLibrary;
let cookie: string;
let page: PageSocket;

beforeAll(async () => {
  mkdirSync(inFolder('made'));
  mkdirSync(inFolder('private', 'folder'), { recursive: true });
  await makeSound(inFolder('made', 'a.wav'), 'sine=f=440:d=2');
  await makeSound(inFolder('made', 'b.mp3'), 'sine=f=660:d=2');
  await makeSound(inFolder('private', 'c.wav'), 'sine=f=880:d=2');
  served = await serveLibrary(inFolder('served'), [inFolder('made', 'a.wav'), inFolder('made', 'b.mp3')]);
  cookie = await enter(served.page.newAddress());
  page = await openPageSocket(served.page.origin, cookie);
  symlinkSync(inFolder('private', 'folder'), join(served.songFolder, 'way out'));
});
afterAll(async () => {
  page.socket.close();
  await served.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${served.page.origin}${path}`, { headers: { Cookie: cookie, ...headers } });

/** A call that the types would not allow. */
const callAnything = (name: string, request: unknown) =>
  page.engine.call(name as 'get-settings', request as Record<string, never>);

test('lists come over the socket, songs over HTTP, byte for byte', async () => {
  const { rows, total } = await page.engine.call('list-songs', {});
  expect(total).toBe(2);
  for (const { id, path } of rows) {
    const whole = await get(`/media/${id}`);
    expect(whole.status).toBe(200);
    const contents = readFileSync(path ?? '');
    expect(Buffer.from(await whole.arrayBuffer()).equals(contents)).toBe(true);
    const part = await get(`/media/${id}`, { Range: 'bytes=100-299' });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(contents.subarray(100, 300))).toBe(true);
  }
  const { songIds } = await page.engine.call('list-song-ids', {});
  expect(songIds).toBeInstanceOf(Int32Array);
  expect([...songIds].sort()).toEqual(rows.map(({ id }) => id).sort());
  expect((await get('/media/999')).status).toBe(404);
});

test('what changes is told to every page', async () => {
  const other = await openPageSocket(served.page.origin, cookie);
  const [songId = 0] = (await page.engine.call('list-song-ids', {})).songIds;
  await page.engine.call('judge-songs', { songIds: [songId], change: { verdict: 'keep' } });
  for (const { events } of [page, other]) {
    await waitUntil('the change is told', () => events.some(({ name }) => name === 'library-changed'));
  }
  other.socket.close();
});

test('a call that is not as declared, or not there, is answered “usage”', async () => {
  for (const [name, request] of [
    ['list-songs', { limit: -1 }],
    ['list-songs', { unknown: true }],
    ['export-playlist', { file: 5 }],
    ['get-secrets', {}],
    ['constructor', {}],
    ['__proto__', {}],
  ] as const) {
    await expect(callAnything(name, request)).rejects.toMatchObject({ code: 'usage' });
  }
});

describe('a place outside the allowed folders', () => {
  const songIds = [1];
  type Request = {
    [Name in keyof EngineCommands]: [Name, CommandRequest<EngineCommands, Name>];
  }[keyof EngineCommands];
  const requests = (place: string): Request[] => [
    ['add-watched-folder', { path: place }],
    ['export-playlist', { songIds, file: join(place, 'best.m3u8'), format: 'm3u8' }],
    ['export-files', { songIds, folder: place, mode: 'copy', pattern: '{name}.{ext}' }],
    ['import-model', { path: join(place, 'scorer_model.pt') }],
    ['use-models', { encoder: place }],
    ['use-models', { head: join(place, 'scorer_model.pt') }],
    ['estimate-encoding', { encoderId: place }],
    ['back-up-library', { file: join(place, 'backup.sqlite') }],
    ['restore-library', { backupFile: join(place, 'backup.sqlite') }],
  ];
  const places = {
    'by its path': () => inFolder('private', 'folder'),
    'by a link': () => join(served.songFolder, 'way out'),
    upwards: () => `${served.songFolder}/../../private/folder`,
    hidden: () => join(served.songFolder, '.config'),
    'where nothing is': () => inFolder('private', 'nowhere'),
    relative: () => 'src',
    'the library’s own folder': () => inFolder('served', 'data'),
  };

  test.each(Object.entries(places))('is refused in every command that takes one: %s', async (_, place) => {
    for (const [name, request] of requests(place())) {
      await expect(callAnything(name, request), name).rejects.toMatchObject({ code: 'file-unreadable' });
    }
    await expect(page.shell.call('list-folder', { path: place() })).rejects.toMatchObject({
      code: 'file-unreadable',
    });
    expect(existsSync(inFolder('private', 'folder', 'best.m3u8'))).toBe(false);
    expect(existsSync(inFolder('private', 'nowhere'))).toBe(false);
  });

  test('is not written to by tags, which only songs of the library take', async () => {
    const path = inFolder('private', 'c.wav');
    const before = readFileSync(path);
    const answer = await page.engine
      .call('write-tags', { songs: [{ path }], kinds: ['stars'] })
      .catch((thrown: unknown) => thrown);
    expect(JSON.stringify(answer)).toContain('song-unknown');
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test('inside, everything works: playlist, copies, backup and its way back', async () => {
  const { songIds } = await page.engine.call('list-song-ids', {});
  const file = join(served.songFolder, 'best.m3u8');
  await page.engine.call('export-playlist', { songIds: [...songIds], file, format: 'm3u8' });
  expect(readFileSync(file, 'utf8')).toContain('a.wav');
  const folder = join(served.songFolder, 'best', 'of all');
  const report = await page.engine.call('export-files', {
    songIds: [...songIds],
    folder,
    mode: 'copy',
    pattern: '{name}.{ext}',
  });
  expect(report.songCount).toBe(2);
  await page.engine.call('add-watched-folder', { path: folder });
  await page.engine.call('remove-watched-folder', { path: folder });
  expect((await page.shell.call('list-folder', { path: join(served.songFolder, 'best') })).folders).toEqual([
    { name: 'of all', path: folder },
  ]);
  // A backup beside the library may be restored although pages see nothing of that folder.
  const backup = await page.engine.call('back-up-library', {});
  expect(await page.engine.call('restore-library', { backupFile: backup.file })).toHaveProperty('keptFile');
  expect((await page.engine.call('count-songs', {})).count).toBe(2);
  await page.engine.call('use-models', { encoder: 'draft' });
});

test('the shell of a page says what it is, and what it cannot do', async () => {
  expect(await page.shell.call('get-shell', {})).toMatchObject({
    kind: 'page',
    version: '1.2.3',
    hasNativeFiles: false,
    keepsHubToken: false,
  });
  expect(await page.shell.call('choose-folders', { title: 'Choose' })).toEqual([]);
  expect(await page.shell.call('choose-model', { kind: 'head' })).toBeNull();
  expect(await page.shell.call('choose-save-file', { suggestedName: 'a', extension: 'csv' })).toBeNull();
  expect(await page.shell.call('get-start-at-login', {})).toEqual({ isSupported: false, isOn: false });
  expect((await page.shell.call('list-folder', { path: null })).folders).toEqual([
    { name: served.songFolder, path: served.songFolder },
  ]);
  for (const refused of [
    page.shell.call('reveal-file', { path: served.songFolder }),
    page.shell.call('start-drag', { songIds: [1] }),
    page.shell.call('open-link', { url: 'https://huggingface.co/' }),
    page.shell.call('set-start-at-login', { isOn: true }),
  ]) {
    await expect(refused).rejects.toMatchObject({ code: 'usage' });
  }
});

test('a token for downloads is used and not kept', async () => {
  await page.shell.call('keep-hub-token', { token: 'hf_token' });
  expect((await page.engine.call('get-hub-access', {})).tokenSource).toBe('app');
  await page.shell.call('keep-hub-token', { token: null });
  expect((await page.engine.call('get-hub-access', {})).tokenSource).not.toBe('app');
});

test('a page that comes back is let in by its session and catches up', async () => {
  const first = await openPageSocket(served.page.origin, cookie);
  const before = await first.engine.call('get-revisions', {});
  first.socket.terminate();
  await first.closed;
  const [songId = 0] = (await page.engine.call('list-song-ids', {})).songIds;
  await page.engine.call('judge-songs', { songIds: [songId], change: { stars: 4 } });
  const again = await openPageSocket(served.page.origin, cookie);
  expect((await again.engine.call('list-changes', { since: before })).topics).not.toEqual([]);
  again.socket.close();
});

test('the guard knows every command of the contract', async () => {
  const asked: string[] = [];
  const known = {
    requireAllowed: (path: string) => Promise.resolve(asked.push(path)),
    modelIds: () => Promise.resolve(['draft']),
    backupFiles: () => Promise.resolve(['/backups/one.sqlite']),
  };
  for (const name of Object.keys(engineCommands)) await guardPaths(name, {}, known);
  await guardPaths('use-models', { encoder: 'draft', head: '/somewhere/head.pt' }, known);
  await guardPaths('restore-library', { backupFile: '/backups/one.sqlite' }, known);
  await guardPaths('restore-library', { backupFile: '/backups/other.sqlite' }, known);
  expect(asked).toEqual(['/somewhere/head.pt', '/backups/other.sqlite']);
});

test('an engine that has ended says so', async () => {
  writeFileSync(inFolder('made', 'note.txt'), '');
  const own = await serveLibrary(inFolder('own'), []);
  const socket = await openPageSocket(own.page.origin, await enter(own.page.newAddress()));
  await own.host.close();
  await expect(socket.engine.call('list-songs', {})).rejects.toMatchObject({ code: 'engine-unreachable' });
  await own.close();
});
