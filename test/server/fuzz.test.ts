/**
 * Two thousand things that nobody should send, at a server over a real engine with real songs: it neither falls nor
 * gives anything away. `BANGER_SEED` repeats a run.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostileFrames, hostileMessage } from '../support/hostile-messages.ts';
import { hostileRequest, type HostileRequest, type Target } from '../support/hostile-requests.ts';
import { openPageSocket } from '../support/page-socket.ts';
import { waitUntil } from '../support/processes.ts';
import { openConnection, rawRequest, sendRaw } from '../support/raw-http.ts';
import { hasRealSongs, realSongFolder } from '../support/real-songs.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { enter } from '../support/serve.ts';
import { serveLibrary, type ServedLibrary } from '../support/served-library.ts';
import { useSongFolder } from '../support/song-folder.ts';

const seed = Number(process.env['BANGER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const attemptCount = 2000;
/** What stands in every file that no page may have. */
const canary = 'canary-5f1d2c7e9b';
const inFolder = useSongFolder();
const songs = ['Chimes They Fade.ogg', 'March Thee to Dis.ogg'].map((name) =>
  join(realSongFolder, 'lose', name),
);

let served: ServedLibrary;
let target: Target;
let filesBefore: Map<string, number>;

beforeAll(async () => {
  if (!hasRealSongs()) return;
  const privateFolder = inFolder('served', 'private');
  mkdirSync(privateFolder, { recursive: true });
  served = await serveLibrary(inFolder('served'), songs, {
    outside: privateFolder,
    limits: { requestMs: 500, idleMs: 500, messageBytes: 100_000, messagesPerSecond: 2000, tokenMs: 10 },
  });
  const places = [
    [privateFolder, 'canary.txt'],
    [inFolder('served', 'data'), 'canary.txt'],
    [inFolder('served'), 'canary.txt'],
    // A file beside the songs that is none of them, and one that only a link makes look like theirs.
    [served.songFolder, 'canary.txt'],
    [privateFolder, 'canary.ogg'],
  ] as const;
  for (const [folder, name] of places) writeFileSync(join(folder, name), `${canary}\n`);
  symlinkSync(privateFolder, join(served.songFolder, 'way out'));
  const { origin } = served.page;
  const address = served.page.newAddress();
  target = {
    port: Number(new URL(origin).port),
    cookie: await enter(address),
    usedTokens: [new URL(address).hash.replace('#token=', '')],
    privatePaths: [
      ...places.slice(0, 3).map(([folder, name]) => join(folder, name)),
      privateFolder,
      inFolder('served', 'data', 'library.sqlite'),
      join(served.songFolder, 'way out'),
      join(served.songFolder, 'way out', 'canary.txt'),
      join(served.songFolder, '..', 'private', 'canary.txt'),
      '/etc/passwd',
      '/proc/self/environ',
      '//server/share',
      'C:\\Windows\\win.ini',
    ],
  };
  filesBefore = filesBelow(inFolder('served'));
});
afterAll(async () => {
  await (served as ServedLibrary | undefined)?.close();
});

test.runIf(hasRealSongs())(
  `${attemptCount} hostile requests and messages (seed ${seed})`,
  async () => {
    const socketsBefore = openSockets();
    const kinds = new Map<string, number>();
    let next = 0;
    const worker = async () => {
      while (next < attemptCount) {
        const attempt = next;
        next += 1;
        const random = new SeededRandom(seed + attempt);
        const kind = await attack(random).catch((thrown: unknown) => {
          throw new Error(`attempt ${attempt} of seed ${seed}: ${String(thrown)}`, { cause: thrown });
        });
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        if (attempt % 250 === 249) await expectLife();
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    await expectLife();

    // Every kind had its turn.
    for (const [kind, count] of kinds) expect(count, kind).toBeGreaterThan(10);
    expect(kinds.size).toBeGreaterThanOrEqual(16);
    // Nothing was written, watched or lost, and nobody is still connected.
    expect(filesBelow(inFolder('served'))).toEqual(filesBefore);
    const watched = await served.host.call('list-watched-folders', {});
    expect(watched.map(({ path }) => path)).toEqual([served.songFolder]);
    expect((await served.host.call('count-songs', {})).count).toBe(songs.length);
    await waitUntil('every connection is gone', () => openSockets() <= socketsBefore);
  },
  300_000,
);

/** @returns which kind of attempt it was */
async function attack(random: SeededRandom): Promise<string> {
  switch (random.integer(0, 9)) {
    case 0:
    case 1:
    case 2:
      return overSocket(random);
    case 3:
      return withFrames(random);
    case 4:
      return halfOpen(random);
    default:
      return overHttp(hostileRequest(random, target));
  }
}

async function overHttp(request: HostileRequest): Promise<string> {
  const { status, text } = await sendRaw(target.port, request.bytes, 5_000);
  expectNothingPrivate(text);
  const words = text.slice(0, 2000);
  if (!request.hasSession || request.isForeign) {
    // A door, a refusal, or the end of the connection.
    expect(text, words).not.toContain('OggS');
    expect(text, words).not.toMatch(/The page<|The page runs/);
    expect(status, words).not.toBe(101);
    expect(status === 200 && !text.includes('id="entering"'), words).toBe(false);
  }
  if (request.isForeign) expect(status === 0 || status >= 400, words).toBe(true);
  expect(text.split('\r\n\r\n')[0], words).not.toMatch(/access-control/i);
  expect(text, words).not.toMatch(/set-cookie/i);
  expect(status, words).not.toBe(500);
  return request.kind;
}

/** A page that was taken over sends something, and then asks something ordinary. */
async function overSocket(random: SeededRandom): Promise<string> {
  const page = await openPageSocket(served.page.origin, target.cookie);
  const heard: string[] = [];
  page.socket.on('message', (data: Buffer) => heard.push(data.toString('utf8')));
  const message = hostileMessage(random, target.privatePaths);
  page.socket.send(message.data);
  if (message.isCall) {
    expect((await page.engine.call('count-songs', {})).count).toBe(songs.length);
    await waitUntil('a call is answered', () => heard.length > 0 || message.kind === 'no call');
  } else {
    // It is closed, unless the damage left a call.
    await Promise.race([page.closed, page.engine.call('count-songs', {}).catch(() => undefined)]);
  }
  page.socket.close();
  await Promise.race([page.closed, sleep(2000)]);
  page.socket.terminate();
  for (const text of heard) expectNothingPrivate(text);
  return `message: ${message.kind}`;
}

/** Bytes that are no frames, on a socket that was opened in order. */
async function withFrames(random: SeededRandom): Promise<string> {
  const connection = await openedByHand();
  connection.write(hostileFrames(random));
  await Promise.race([new Promise((resolve) => connection.once('close', resolve)), sleep(300)]);
  connection.destroy();
  return 'frames';
}

/** Somebody who begins and goes, or begins and stays. */
async function halfOpen(random: SeededRandom): Promise<string> {
  if (random.chance(0.5)) {
    const connection = await openedByHand();
    connection.write(Buffer.from([0x81, 0xfe, 0x10, 0x00, 1, 2, 3, 4, 5]));
    if (random.chance(0.5)) connection.resetAndDestroy();
    else setTimeout(() => connection.destroy(), random.integer(0, 300));
    return 'half a message';
  }
  const connection = await openConnection(target.port);
  connection.resume();
  const request = rawRequest('/media/1', { port: target.port, headers: { Cookie: target.cookie } });
  connection.write(request.slice(0, random.integer(0, request.length)));
  if (random.chance(0.3)) connection.resetAndDestroy();
  else if (random.chance(0.5)) connection.end();
  else setTimeout(() => connection.destroy(), random.integer(0, 1000));
  return 'half a request';
}

async function openedByHand(): Promise<Socket> {
  const connection = await openConnection(target.port);
  const opened = new Promise((resolve) => connection.once('data', resolve).once('close', resolve));
  connection.write(
    rawRequest('/socket', {
      port: target.port,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16, 1).toString('base64'),
        Origin: served.page.origin,
        Cookie: target.cookie,
      },
    }),
  );
  await opened;
  connection.resume();
  return connection;
}

/** Whoever has a right still gets everything. */
async function expectLife(): Promise<void> {
  const get = (path: string) => fetch(`${served.page.origin}${path}`, { headers: { Cookie: target.cookie } });
  expect(await (await get('/')).text()).toContain('The page<');
  const song = Buffer.from(await (await get('/media/1')).arrayBuffer());
  const { path } = await served.host.call('get-song', { songId: 1 }).then(({ row }) => row);
  expect(song.equals(readFileSync(path ?? ''))).toBe(true);
}

function expectNothingPrivate(text: string): void {
  expect(text).not.toContain(canary);
  expect(text).not.toContain('root:x:0:0');
  expect(text).not.toContain('SQLite format 3');
  for (const token of target.usedTokens) expect(text).not.toContain(token);
  expect(text).not.toContain(target.cookie.split('=')[1]);
}

/** Every file below a folder with its size; the library's own files grow as they like. */
function filesBelow(folder: string): Map<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('library.sqlite') && !file.startsWith(join(folder, 'data', 'cache')));
  return new Map(files.sort().map((file) => [file, statSync(file).size]));
}

/** Sockets that this process holds, both ends of each connection. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}
