/** Songs over HTTP: the bytes that were asked for, nothing kept open, and errors that a page can show. */
import { readdirSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BangerError, type ErrorCode } from '../../src/shared/errors.ts';
import type { OpenMedia } from '../../src/web/media-response.ts';
import { createPageHandler } from '../../src/web/page-handler.ts';
import { makeSound } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';
import { useSongFolder } from '../support/song-folder.ts';

const inFolder = useSongFolder();
const song = inFolder('song.wav');
let contents: Buffer;

beforeAll(async () => {
  // 3.5 MB, so that there are a dozen chunks.
  await makeSound(song, 'sine=f=440:d=20', '-ac', '2');
  contents = readFileSync(song);
});

function handlerOf(openMedia: OpenMedia) {
  return createPageHandler({ pageFolder: inFolder(), openMedia });
}
const handle = handlerOf(() => Promise.resolve({ path: song, mimeType: 'audio/wav' }));

const get = (headers: Record<string, string> = {}, method = 'GET') =>
  handle(new Request('http://127.0.0.1/media/7', { method, headers }));

async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

test('without a range the whole file comes, and says that ranges may be asked for', async () => {
  const answer = await get();
  expect(answer.status).toBe(200);
  expect(answer.headers.get('accept-ranges')).toBe('bytes');
  expect(answer.headers.get('content-type')).toBe('audio/wav');
  expect(answer.headers.get('content-length')).toBe(String(contents.length));
  expect((await bytesOf(answer)).equals(contents)).toBe(true);
});

test('every single range is answered whole, with exactly its bytes', async () => {
  const size = contents.length;
  const place = fc.oneof(
    fc.nat(size - 1),
    fc.nat(20),
    fc.nat(20).map((back) => size - 1 - back),
  );
  const asked = fc.oneof(
    fc.tuple(place, place).map(([one, other]) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      return { header: `bytes=${start}-${end}`, start, end };
    }),
    fc.tuple(place, fc.nat()).map(([start, beyond]) => ({
      header: `bytes=${start}-${size + beyond}`,
      start,
      end: size - 1,
    })),
    place.map((start) => ({ header: `bytes=${start}-`, start, end: size - 1 })),
    fc.integer({ min: 1, max: size * 2 }).map((count) => ({
      header: `bytes=-${count}`,
      start: Math.max(0, size - count),
      end: size - 1,
    })),
  );
  await fc.assert(
    fc.asyncProperty(asked, async ({ header, start, end }) => {
      const answer = await get({ Range: header });
      expect(answer.status).toBe(206);
      expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end}/${size}`);
      expect(answer.headers.get('content-length')).toBe(String(end - start + 1));
      expect((await bytesOf(answer)).equals(contents.subarray(start, end + 1))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test.each(['bytes=99999999-', 'bytes=5-4', 'bytes=-0', 'bytes=x-y'])('%s is answered 416', async (range) => {
  const answer = await get({ Range: range });
  expect(answer.status).toBe(416);
  expect(answer.headers.get('content-range')).toBe(`bytes */${contents.length}`);
});

test.each(['bytes=0-1,4-5', 'bytes=0-,0-,0-', 'songs=1-2'])(
  '%s is answered with everything',
  async (range) => {
    const answer = await get({ Range: range });
    expect(answer.status).toBe(200);
    expect((await bytesOf(answer)).length).toBe(contents.length);
  },
);

test('HEAD tells the same and sends nothing', async () => {
  const whole = await get({}, 'HEAD');
  expect([whole.status, whole.headers.get('content-length')]).toEqual([200, String(contents.length)]);
  const part = await get({ Range: 'bytes=0-9' }, 'HEAD');
  expect([part.status, part.headers.get('content-length')]).toEqual([206, '10']);
  expect(await part.text()).toBe('');
});

describe('a file that changes', () => {
  const changing = inFolder('changing.wav');
  const handleChanging = handlerOf(() => Promise.resolve({ path: changing, mimeType: 'audio/wav' }));
  const ask = (headers: Record<string, string> = {}) =>
    handleChanging(new Request('http://127.0.0.1/media/7', { headers }));

  test('has another tag, and If-Range then gives all of the new one', async () => {
    writeFileSync(changing, 'the first contents');
    const first = await ask();
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[^"]+"$/);
    const kept = await ask({ Range: 'bytes=0-2', 'If-Range': tag });
    expect([kept.status, await kept.text()]).toEqual([206, 'the']);
    expect((await ask({ 'If-None-Match': tag })).status).toBe(304);

    writeFileSync(changing, 'the other contents');
    utimesSync(changing, 1, 1);
    const anew = await ask({ Range: 'bytes=0-2', 'If-Range': tag });
    expect([anew.status, await anew.text()]).toEqual([200, 'the other contents']);
    expect((await ask({ 'If-None-Match': tag })).status).toBe(200);
    expect((await ask({ Range: 'bytes=0-2', 'If-Range': new Date().toUTCString() })).status).toBe(200);
  });

  test.each(['is written anew', 'is deleted'])('never gives bytes of two files: %s', async (what) => {
    writeFileSync(changing, Buffer.alloc(2_000_000, 1));
    const answer = await ask();
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    if (what === 'is deleted') rmSync(changing);
    else writeFileSync(changing, Buffer.alloc(2_000_001, 2));
    await expect(
      (async () => {
        while (!(await reader?.read())?.done);
      })(),
    ).rejects.toThrow(BangerError);
  });

  test('an empty file is answered, and no range of it', async () => {
    writeFileSync(changing, '');
    const whole = await ask();
    expect([whole.status, whole.headers.get('content-length'), await whole.text()]).toEqual([200, '0', '']);
    expect((await ask({ Range: 'bytes=0-' })).status).toBe(416);
  });
});

test.runIf(process.platform === 'linux')(
  '300 seeks that nobody reads to their end leave no file open',
  async () => {
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`) === song;
        } catch {
          return false;
        }
      }).length;
    const readers = [];
    for (let seek = 0; seek < 300; seek += 1) {
      const answer = await get({ Range: `bytes=${seek * 1000}-` });
      const reader = answer.body?.getReader();
      await reader?.read();
      if (seek % 3 === 0) await reader?.cancel();
      // The others are simply left behind, as by a paused player.
      else readers.push(reader);
    }
    await waitUntil('no file is open', () => openFiles() === 0);
    await sleep(50);
    expect(openFiles()).toBe(0);
    expect((await readers[0]?.read())?.value).toHaveLength(256 * 1024);
  },
);

test.each<[ErrorCode, number]>([
  ['song-unknown', 404],
  ['file-missing', 410],
  ['media-unplayable', 415],
  ['corrupt-audio', 415],
  ['engine-unreachable', 503],
  ['ffmpeg-failed', 500],
  ['internal', 500],
])('an error %s is answered %i, without paths', async (code, status) => {
  const failing = handlerOf(() =>
    Promise.reject(
      new BangerError(code, 'It failed.', { file: song, nextStep: 'Try again.', details: song }),
    ),
  );
  const answer = await failing(new Request('http://127.0.0.1/media/7'));
  expect(answer.status).toBe(status);
  const text = await answer.text();
  expect(z.object({ code: z.string(), message: z.string() }).parse(JSON.parse(text))).toMatchObject({ code });
  expect(text).not.toContain(song);
});

test('a song whose file is gone by now is answered 410, one that is a folder 500', async () => {
  const gone = handlerOf(() => Promise.resolve({ path: inFolder('gone.wav'), mimeType: 'audio/wav' }));
  expect((await gone(new Request('http://127.0.0.1/media/7'))).status).toBe(410);
  const folder = handlerOf(() => Promise.resolve({ path: inFolder(), mimeType: 'audio/wav' }));
  expect((await folder(new Request('http://127.0.0.1/media/7'))).status).toBe(500);
});

test('whoever leaves while a song is made ready ends that work', async () => {
  const left = new AbortController();
  let heard: AbortSignal | undefined;
  const slow = handlerOf((songId, signal) => {
    expect(songId).toBe(7);
    heard = signal;
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new BangerError('cancelled', 'The call was cancelled.'));
      });
    });
  });
  const answer = slow(new Request('http://127.0.0.1/media/7', { signal: left.signal }));
  await waitUntil('the song is asked for', () => heard !== undefined);
  left.abort();
  expect((await answer).status).toBe(503);
});
