/** `banger serve` on the real command: what it prints, who gets in, what it watches, how it ends. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeSound } from '../support/make-audio.ts';
import { makePageFolder } from '../support/page-folder.ts';
import { openPageSocket } from '../support/page-socket.ts';
import { isRunning, waitUntil } from '../support/processes.ts';
import { BangerHome } from '../support/run-banger.ts';
import { startServe, type RunningServe, type ServeOptions } from '../support/serve.ts';
import { useSongFolder } from '../support/song-folder.ts';

const made = useSongFolder();
let home: BangerHome;
let running: RunningServe[];

beforeAll(async () => {
  await makeSound(made('a.wav'), 'sine=d=2');
  await makeSound(made('b.mp3'), 'sine=d=2:f=600');
  makePageFolder(made('page'));
});
beforeEach(() => {
  home = new BangerHome();
  running = [];
  mkdirSync(home.path('songs'));
  for (const name of ['a.wav', 'b.mp3']) copyFileSync(made(name), home.path('songs', name));
});
afterEach(async () => {
  for (const serve of running) if (isRunning(serve.processId)) await serve.stop();
  home.remove();
});

/** Starts it in this test's home, with a small page. */
async function start(options: ServeOptions = {}): Promise<RunningServe> {
  const serve = await startServe({ home: home.folder, pageFolder: made('page'), ...options });
  running.push(serve);
  return serve;
}

test('an address opens the page, its folder is watched and scored, and Ctrl-C ends it in good order', async () => {
  const serve = await start({ folders: [home.path('songs')] });
  expect(serve.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enter#token=[\w-]{43}$/);
  const cookie = await serve.enter();
  const page = await openPageSocket(serve.origin, cookie);
  await waitUntil('both songs are scored', async () => {
    return (await page.engine.call('list-songs', {})).scoredTotal === 2;
  });
  const [row] = (await page.engine.call('list-songs', {})).rows;
  const answer = await fetch(`${serve.origin}/media/${row?.id ?? 0}`, { headers: { Cookie: cookie } });
  expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(row?.path ?? ''))).toBe(true);
  const end = await serve.stop();
  expect(end).toMatchObject({ exitCode: 0, stdout: `${serve.address}\n` });
  expect(end.stderr).toBe('Open this address in a browser; Enter prints another one, Ctrl-C ends it.\n');
  expect(await page.closed).toBe(1001);
});

test('Enter prints another address; each opens once', async () => {
  const serve = await start();
  const second = await serve.newAddress();
  expect(second).not.toBe(serve.address);
  const [one, other] = [await serve.enter(), await serve.enter(second)];
  expect(one).not.toBe(other);
  for (const cookie of [one, other]) {
    expect((await fetch(serve.origin, { headers: { Cookie: cookie } })).status).toBe(200);
  }
  await expect(serve.enter(second)).rejects.toThrow('403');
});

test('a folder stays watched the next time, with the patterns that it had', async () => {
  const first = await start({ folders: [home.path('songs')] });
  const page = await openPageSocket(first.origin, await first.enter());
  await waitUntil(
    'it is watched',
    async () => (await page.engine.call('list-watched-folders', {})).length === 1,
  );
  await page.engine.call('add-watched-folder', { path: home.path('songs'), ignorePatterns: ['*.mp3'] });
  await first.stop('SIGTERM');
  const second = await start({ folders: [home.path('songs')] });
  const again = await openPageSocket(second.origin, await second.enter());
  await waitUntil(
    'one song is scored',
    async () => (await again.engine.call('list-songs', {})).scoredTotal >= 1,
  );
  const [status] = await again.engine.call('list-watched-folders', {});
  expect(status).toMatchObject({ path: home.path('songs'), files: 1 });
});

test('what the page may look at: by default the music folder and what is watched, else what was allowed', async () => {
  mkdirSync(home.path('Music', 'sets'), { recursive: true });
  const usual = await start({ folders: [home.path('songs')] });
  const page = await openPageSocket(usual.origin, await usual.enter());
  await waitUntil('both are offered', async () => {
    const { folders } = await page.shell.call('list-folder', { path: null });
    return folders.map(({ path }) => path).join() === [home.path('Music'), home.path('songs')].join();
  });
  await expect(page.shell.call('list-folder', { path: home.folder })).rejects.toMatchObject({
    code: 'file-unreadable',
  });
  await usual.stop();

  const allowed = await start({ arguments: ['--allow', home.path('Music', 'sets')] });
  const other = await openPageSocket(allowed.origin, await allowed.enter());
  expect((await other.shell.call('list-folder', { path: null })).folders).toEqual([
    { name: home.path('Music', 'sets'), path: home.path('Music', 'sets') },
  ]);
  await expect(other.engine.call('add-watched-folder', { path: home.path('Music') })).rejects.toMatchObject({
    code: 'file-unreadable',
  });
});

test('two of them share a library, each with sessions of its own', async () => {
  const [first, second] = [await start({ folders: [home.path('songs')] }), await start()];
  const cookie = await first.enter();
  expect((await fetch(second.origin, { headers: { Cookie: cookie } })).status).toBe(403);
  const page = await openPageSocket(second.origin, await second.enter());
  await waitUntil('the other one’s songs show', async () => {
    return (await page.engine.call('list-songs', {})).scoredTotal === 2;
  });
});

test('another address is listened at only with a warning', async () => {
  const serve = await start({ arguments: ['--host', '0.0.0.0'] });
  expect(serve.stderr()).toContain('nothing is encrypted');
  const { port } = new URL(serve.origin);
  const byLoopback = `http://127.0.0.1:${port}/enter${new URL(serve.address).hash}`;
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(403);
  expect(await serve.enter(byLoopback)).toContain('banger-session');
});

test('an engine that cannot work, for want of ffmpeg, still shows the page', async () => {
  const serve = await start({
    folders: [home.path('songs')],
    arguments: ['--ffmpeg', home.path('no-ffmpeg')],
    env: { PATH: '/nowhere' },
  });
  const page = await openPageSocket(serve.origin, await serve.enter());
  expect((await page.engine.call('list-songs', {})).total).toBe(0);
  await serve.stop();
});

test.each([
  ['a folder that is not there', ['nowhere'], 1, 'There is no such folder.'],
  ['an allowed folder that is not there', ['--allow', 'nowhere'], 1, 'There is no such folder.'],
  ['no port', ['--port', '99999'], 2, 'from 0 to 65535'],
  ['no port either', ['--port', '1e3'], 2, 'from 0 to 65535'],
  ['an address of another machine', ['--host', '192.0.2.1'], 2, '192.0.2.1'],
  ['a page that is not built', [], 1, 'npm run build'],
])('%s is said so', async (_, parameters, exitCode, words) => {
  const pageFolder = parameters.length === 0 ? home.path('not-built') : made('page');
  const run = await home.run(['serve', '--no-open', ...parameters], {
    env: { BANGER_PAGE_FOLDER: pageFolder },
  });
  expect(run).toMatchObject({ exitCode, stdout: '' });
  expect(run.stderr).toContain(words);
});

test('a port that is in use is said so', async () => {
  const serve = await start();
  const run = await home.run(['serve', '--no-open', '--port', new URL(serve.origin).port], {
    env: { BANGER_PAGE_FOLDER: made('page') },
  });
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain('is in use');
});

test('it ends while it scores, and the next one goes on', async () => {
  for (let song = 0; song < 6; song += 1) copyFileSync(made('a.wav'), home.path('songs', `copy ${song}.wav`));
  const first = await start({ folders: [home.path('songs')] });
  await waitUntil('it works', () => home.count().embeddings >= 1);
  expect((await first.stop()).exitCode).toBe(0);
  const second = await start({});
  const page = await openPageSocket(second.origin, await second.enter());
  await waitUntil('everything is scored', async () => {
    const { waiting, running: busy } = await jobCounts(page);
    return waiting + busy === 0 && (await page.engine.call('list-songs', {})).scoredTotal === 2;
  });
  expect((await second.stop()).exitCode).toBe(0);
  await waitUntil('no process is left', () => home.processes().length === 0);
});

async function jobCounts(page: Awaited<ReturnType<typeof openPageSocket>>) {
  const jobs = await page.engine.call('list-jobs', { limit: 1000 });
  return {
    waiting: jobs.filter(({ state }) => state === 'waiting').length,
    running: jobs.filter(({ state }) => state === 'running').length,
  };
}
