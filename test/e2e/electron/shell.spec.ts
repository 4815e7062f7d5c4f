/** The desktop app in a real Electron: the window, its locks, the engine behind it and what happens when it ends. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { isRunning } from '../../support/processes.ts';
import { poolSongs, writeSongs } from '../support/song-pool.ts';
import { appCommand, makeHome } from './launch-electron.ts';
import { TestApp } from './test-app.ts';

let home: string;
let removeHome: () => Promise<void>;
let running: TestApp[];

test.beforeEach(async () => {
  ({ home, remove: removeHome } = await makeHome());
  running = [];
});

test.afterEach(async () => {
  const info = test.info();
  for (const app of running) {
    if (info.status !== info.expectedStatus) await info.attach('main.log', { body: app.log() });
    await app.close();
  }
  await removeHome();
});

async function start(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<TestApp> {
  const app = await TestApp.start({ home, args, env });
  running.push(app);
  return app;
}

/** A folder with some of the real songs. */
async function putSongs(count: number): Promise<string> {
  const folder = join(home, 'music');
  await writeSongs(folder, poolSongs.slice(0, count));
  return folder;
}

async function waitForScores(app: TestApp, count: number): Promise<void> {
  await expect
    .poll(async () => (await app.engine('list-songs', { limit: 0 })).scoredTotal, { timeout: 80_000 })
    .toBe(count);
}

test('the window opens and the engine answers over its port', async () => {
  const app = await start();
  expect(app.page.url()).toBe('app://bundle/');
  expect(app.electron.windows()).toHaveLength(1);
  const about = await app.engine('get-about', {});
  expect(about.libraryFile.startsWith(home)).toBe(true);
  expect(existsSync(about.libraryFile)).toBe(true);
  expect((await app.engine('list-songs', {})).total).toBe(0);
  const shell = await app.shell('get-shell', {});
  expect(shell).toMatchObject({ kind: 'desktop', hasNativeFiles: true, platform: process.platform });
  expect(await app.errorOf('engine', 'no-such-command', {})).toMatchObject({ code: 'usage' });
});

test.describe('the page is locked in', () => {
  test('it has nothing of Node or Electron', async () => {
    const { page } = await start();
    const found = await page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'electron'].filter(
        (name) => name in window,
      ),
      bridge: Object.keys((window as unknown as { bangerDesktop: object }).bangerDesktop),
    }));
    expect(found).toEqual({ globals: [], bridge: ['pathOfFile', 'systemLocale'] });
  });

  test('it goes nowhere else, opens no window and loads nothing from elsewhere', async () => {
    const { page, electron } = await start();
    await page.evaluate(() => {
      window.location.href = 'https://example.org/';
    });
    await page.evaluate(() => {
      const link = document.createElement('a');
      Object.assign(link, { href: 'file:///etc/passwd', target: '_blank' });
      document.body.append(link);
      link.click();
    });
    expect(await page.evaluate(() => window.open('https://example.org/') === null)).toBe(true);
    expect(await page.evaluate(() => window.open('app://bundle/') === null)).toBe(true);
    const loads = await page.evaluate(async () => {
      const outcomes: string[] = [];
      for (const address of [
        'https://example.org/',
        'file:///etc/passwd',
        'app://other/',
        'http://127.0.0.1:9/',
      ]) {
        outcomes.push(
          await fetch(address).then(
            () => `loaded ${address}`,
            () => 'refused',
          ),
        );
      }
      return outcomes;
    });
    expect(loads).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(page.url()).toBe('app://bundle/');
    expect(electron.windows()).toHaveLength(1);
  });

  test('it may not use microphone, camera, position or notifications', async () => {
    const { page } = await start();
    const outcomes = await page.evaluate(async () => {
      const refused = (attempt: Promise<unknown>) =>
        attempt.then(
          () => 'allowed',
          (error: unknown) => (error as Error).name,
        );
      return {
        microphone: await refused(navigator.mediaDevices.getUserMedia({ audio: true })),
        camera: await refused(navigator.mediaDevices.getUserMedia({ video: true })),
        notifications: await Notification.requestPermission(),
        position: await new Promise((resolve) => {
          navigator.geolocation.getCurrentPosition(
            () => {
              resolve('allowed');
            },
            () => {
              resolve('refused');
            },
          );
        }),
      };
    });
    expect(outcomes.microphone).not.toBe('allowed');
    expect(outcomes.camera).not.toBe('allowed');
    expect(outcomes.notifications).toBe('denied');
    expect(outcomes.position).toBe('refused');
  });

  test('the shell refuses what is not the app’s own', async () => {
    const app = await start();
    expect(await app.errorOf('shell', 'reveal-file', { path: '/etc/passwd' })).toMatchObject({
      code: 'usage',
    });
    expect(await app.errorOf('shell', 'open-link', { url: 'https://example.org/' })).toMatchObject({
      code: 'usage',
    });
    expect(await app.errorOf('shell', 'open-link', { url: 'file:///etc/passwd' })).toMatchObject({
      code: 'usage',
    });
    expect(await app.errorOf('shell', 'list-folder', { path: null })).toMatchObject({
      code: 'file-unreadable',
    });
    expect(await app.errorOf('shell', 'start-drag', { songIds: [7] })).toMatchObject({
      code: 'file-missing',
    });
  });
});

test('songs are scored while the window is open, and played in parts', async () => {
  const app = await start();
  const folder = await putSongs(3);
  await app.engine('add-watched-folder', { path: folder });
  await waitForScores(app, 3);
  await app.waitForEvent('job-finished');
  const { rows } = await app.engine('list-songs', {});
  const [song] = rows;
  if (song?.path == null) throw new Error('There is no song.');
  const file = readFileSync(song.path);

  const part = await app.page.evaluate(async (id) => {
    const answer = await fetch(`media/${id}`, { headers: { Range: 'bytes=100000-100999' } });
    const { status, headers } = answer;
    const bytes = [...new Uint8Array(await answer.arrayBuffer())];
    return { status, bytes, range: headers.get('Content-Range'), type: headers.get('Content-Type') };
  }, song.id);
  expect(part.status).toBe(206);
  expect(part.range).toBe(`bytes 100000-100999/${file.length}`);
  expect(part.type).toMatch(/^(audio|application)\/ogg/);
  expect(Buffer.from(part.bytes)).toEqual(file.subarray(100_000, 101_000));

  const statuses = await app.page.evaluate(async (id) => {
    const addresses = [
      'media/999999',
      'media/0',
      'media/../index.html',
      'media/%2e%2e%2f%2e%2e%2fpackage.json',
      '%2fetc%2fpasswd',
    ];
    const whole = await fetch(`media/${id}`);
    const beyond = await fetch(`media/${id}`, { headers: { Range: 'bytes=999999999-' } });
    const answers = await Promise.all(addresses.map((address) => fetch(address)));
    return {
      whole: (await whole.arrayBuffer()).byteLength,
      beyond: beyond.status,
      others: answers.map(({ status }) => status),
    };
  }, song.id);
  expect(statuses).toEqual({ whole: file.length, beyond: 416, others: [404, 404, 200, 404, 404] });

  const played = await app.page.evaluate(playForAMoment, `media/${song.id}`);
  expect(played.position).toBeGreaterThan(0.2);
  expect(played.loudest, 'sound, not silence').toBeGreaterThan(0.001);
  expect(played.seekable).toBeCloseTo(song.durationSeconds ?? 0, 0);
});

test.describe('when the engine ends', () => {
  test('killed, it is reported, started again and answers again', async () => {
    const app = await start();
    const folder = await putSongs(2);
    await app.engine('add-watched-folder', { path: folder });
    await waitForScores(app, 2);
    const [first] = app.processIds('engine');
    process.kill(first ?? 0, 'SIGKILL');
    await app.waitForEvent(
      'engine-state-changed',
      (payload) => (payload as { state: string }).state === 'restarting',
    );
    await app.waitForEngine(2);
    expect((await app.engine('list-songs', {})).total).toBe(2);
    expect((await app.engine('list-watched-folders', {})).map(({ path }) => path)).toEqual([folder]);
    expect(app.processIds('engine')).toHaveLength(2);
    expect(await mediaStatus(app)).toBe(206);
  });

  test('killed again and again, it is given up, and comes back on the person’s word', async () => {
    const app = await start();
    for (let times = 1; times <= 5; times++) {
      await app.waitForEngine(times);
      process.kill(app.processIds('engine').at(-1) ?? 0, 'SIGKILL');
      await app.waitForEvent(
        'engine-state-changed',
        (payload) => (payload as { state: string }).state === (times < 5 ? 'restarting' : 'failed'),
      );
    }
    expect(await mediaStatus(app)).toBe(503);
    await app.shell('restart-engine', {});
    await app.waitForEngine(6);
    expect((await app.engine('list-songs', {})).total).toBe(0);
  });

  test('a library that cannot be opened is said at once', async () => {
    const app = await start();
    const { libraryFile } = await app.engine('get-about', {});
    await app.close();
    writeFileSync(libraryFile, 'no library at all '.repeat(1000));
    const again = await TestApp.startWithoutEngine({ home });
    running.push(again);
    await again.waitForEvent(
      'engine-state-changed',
      (payload) => (payload as { state: string }).state === 'failed',
    );
    const [event] = (await again.events()).filter(({ name }) => name === 'engine-state-changed');
    expect((event?.payload as { error: { code: string } }).error.code).toMatch(/^library-/);
    expect(again.processIds('engine'), 'one start for each run').toHaveLength(2);
  });
});

test('the inference process killed in a run: every song is scored nevertheless', async () => {
  const app = await start();
  const folder = await putSongs(6);
  await app.engine('add-watched-folder', { path: folder });
  await expect.poll(() => app.processIds('inference').length, { timeout: 60_000 }).toBeGreaterThan(0);
  process.kill(app.processIds('inference').at(-1) ?? 0, 'SIGKILL');
  await waitForScores(app, 6);
  const progress = await app.engine('get-job-progress', {});
  expect(progress.counts).toMatchObject({ failed: 0, waiting: 0 });
  expect(app.processIds('inference').length).toBeGreaterThan(1);
});

test('a second start hands its files to the window that is there', async () => {
  const app = await start();
  const folder = await putSongs(1);
  const file = join(folder, poolSongs[0]?.file ?? '');
  const { executablePath, args, env } = await appCommand({
    home,
    args: [file, 'file:///etc/hostname', '/no/such/file'],
  });
  const second = spawn(executablePath, args, { env, cwd: home, stdio: 'ignore' });
  const code = await new Promise((resolve) => second.once('exit', resolve));
  expect(code).toBe(0);
  await app.waitForEvent('paths-opened');
  const opened = (await app.events()).filter(({ name }) => name === 'paths-opened');
  expect(opened.map(({ payload }) => payload)).toEqual([{ paths: [file, '/etc/hostname'] }]);
  expect(app.electron.windows()).toHaveLength(1);
});

test('files that it was started with reach the page', async () => {
  const folder = await putSongs(1);
  // A page that does nothing by itself leaves the news to the test.
  const pageFolder = join(home, 'page');
  mkdirSync(pageFolder);
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>Nothing</title>');
  const app = await start([folder], { BANGER_PAGE_FOLDER: pageFolder });
  await app.waitForEvent('paths-opened');
  const opened = (await app.events()).filter(({ name }) => name === 'paths-opened');
  expect(opened.map(({ payload }) => payload)).toEqual([{ paths: [folder] }]);
});

test('quitting in the middle of the work parks it and leaves no process', async () => {
  const app = await start();
  const folder = await putSongs(12);
  await app.engine('add-watched-folder', { path: folder });
  await expect.poll(() => app.processIds('inference').length, { timeout: 60_000 }).toBeGreaterThan(0);
  const ids = [app.electron.process().pid ?? 0, ...app.processIds('engine'), ...app.processIds('inference')];
  await app.close();
  await expect.poll(() => ids.filter((id) => isRunning(id))).toEqual([]);
  await expect.poll(() => processesOfHome()).toEqual([]);
  expect(app.log()).toMatch(/engine ended with code 0/);
  const again = await start();
  await waitForScores(again, 12);
  expect((await again.engine('get-job-progress', {})).counts).toMatchObject({ failed: 0, scored: 12 });
});

/** On Linux every process that has this test's home in its environment; elsewhere their ids must do. */
function processesOfHome(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/environ`, 'utf8').includes(`HOME=${home}\0`);
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

/** Asks for the first song, the first bytes of it. */
function mediaStatus({ page }: TestApp): Promise<number> {
  return page.evaluate(async () => (await fetch('media/1', { headers: { Range: 'bytes=0-9' } })).status);
}

/** Runs in the page: plays through Web Audio and listens to what comes out. */
async function playForAMoment(
  address: string,
): Promise<{ position: number; loudest: number; seekable: number }> {
  const audio = new Audio(address);
  const context = new AudioContext();
  const gain = context.createGain();
  const analyser = context.createAnalyser();
  context.createMediaElementSource(audio).connect(gain).connect(analyser).connect(context.destination);
  await context.resume();
  await audio.play();
  audio.currentTime = 20;
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  const begin = performance.now();
  while (performance.now() - begin < 10_000 && (loudest < 0.001 || audio.currentTime < 20.3)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples.map(Math.abs));
  }
  const seekable = audio.seekable.length === 0 ? 0 : audio.seekable.end(0);
  const position = audio.currentTime - 20;
  audio.pause();
  await context.close();
  return { position, loudest, seekable };
}
