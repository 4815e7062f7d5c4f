/** What is said to play in a browser does play in Chromium, and so does what the rest is converted into. */
import { createReadStream, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from '@playwright/test';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertedMimeType, convertForPlaying } from '../../../src/engine/audio/convert-for-playing.ts';
import { findFfmpeg, type Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { playableMimeType } from '../../../src/engine/audio/playable-format.ts';
import { chromiumOptions } from '../../e2e/support/chromium.ts';
import { makeSong } from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const film = ['-f', 'lavfi', '-i', 'testsrc=d=4:r=5:s=64x64', '-c:v', 'mpeg4'];

/** Files with ffmpeg's arguments that make them; their names say nothing that anybody relies on. */
const playable: Record<string, string[]> = {
  '16 bit.wav': [],
  '24 bit.wav': ['-c:a', 'pcm_s24le'],
  '32 bit.wav': ['-c:a', 'pcm_s32le'],
  'float.wav': ['-c:a', 'pcm_f32le'],
  '8 bit.wav': ['-c:a', 'pcm_u8'],
  'telephone.wav': ['-c:a', 'pcm_mulaw'],
  'six channels.wav': ['-ac', '6'],
  'slow.wav': ['-ar', '3000'],
  'fast.wav': ['-ar', '384000'],
  'song.mp3': [],
  '16 bit.flac': ['-sample_fmt', 's16'],
  '24 bit.flac': ['-sample_fmt', 's32'],
  'vorbis.ogg': ['-c:a', 'libvorbis'],
  'opus.ogg': ['-c:a', 'libopus'],
  'flac.ogg': ['-c:a', 'flac'],
  'aac.m4a': ['-c:a', 'aac'],
  'mp3.mp4': ['-c:a', 'mp3'],
  'film.mp4': [...film, '-c:a', 'aac'],
  'bare.aac': ['-c:a', 'aac'],
  'opus.webm': ['-c:a', 'libopus'],
  'vorbis.webm': ['-c:a', 'libvorbis'],
  'flac.mka': ['-c:a', 'flac'],
};
const unplayable: Record<string, string[]> = {
  'song.aiff': [],
  'alac.m4a': ['-c:a', 'alac'],
  'song.wma': [],
  'song.wv': [],
  'song.tta': [],
  'song.caf': [],
  'song.w64': [],
  'double.wav': ['-c:a', 'pcm_f64le'],
  'adpcm.wav': ['-c:a', 'adpcm_ms'],
  'too slow.wav': ['-ar', '2000'],
};

const inFolder = useSongFolder();
let ffmpeg: Ffmpeg;
let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  for (const [name, encode] of Object.entries({ ...playable, ...unplayable }))
    await makeSong(inFolder(name), ...encode);
  server = await serveFolder();
  browser = await chromium.launch(chromiumOptions());
  page = await browser.newPage();
  await page.goto(addressOf(''));
});

afterAll(async () => {
  await browser.close();
  server.close();
});

test.each(Object.keys(playable))('%s plays as it is', async (name) => {
  const { probe } = await inspectAudio(ffmpeg, inFolder(name));
  const mimeType = playableMimeType(probe);
  expect(mimeType).not.toBeNull();
  expect(await play(name, mimeType ?? '')).toBeCloseTo(4, 0);
});

test.each(Object.keys(unplayable))('%s plays once it is converted', async (name) => {
  const { probe } = await inspectAudio(ffmpeg, inFolder(name));
  expect(playableMimeType(probe)).toBeNull();
  const converted = `${name}.converted`;
  await convertForPlaying(ffmpeg, inFolder(name), probe, inFolder(converted), { timeoutSeconds: 60 });
  expect(await play(converted, convertedMimeType)).toBeCloseTo(4, 0);
});

test.each(['song.aiff', 'alac.m4a', 'song.wv'])('%s loses nothing by being converted', async (name) => {
  const { probe } = await inspectAudio(ffmpeg, inFolder(name));
  const converted = inFolder(`${name}.exact`);
  await convertForPlaying(ffmpeg, inFolder(name), probe, converted, { timeoutSeconds: 60 });
  const [before, after] = [inFolder(`${name}.raw`), inFolder(`${name}.exact.raw`)];
  for (const [from, to] of [
    [inFolder(name), before],
    [converted, after],
  ] as const) {
    await makeRaw(from, to);
  }
  expect((await readFile(after)).equals(await readFile(before))).toBe(true);
});

/** Loads a file, jumps into it and plays on. @returns its length in seconds, or what went wrong */
function play(name: string, mimeType: string): Promise<unknown> {
  const address = addressOf(`${encodeURIComponent(name)}?type=${encodeURIComponent(mimeType)}`);
  return page.evaluate(`play(${JSON.stringify(address)})`);
}

/** The page that plays, as text: the browser's own types are not those of this side. */
const playerPage = `<!doctype html><script>
  async function play(address) {
    const player = new Audio();
    player.muted = true;
    const hears = (event) => new Promise((resolve, reject) => {
      player.addEventListener(event, resolve, { once: true });
      player.addEventListener('error', () => reject(new Error(player.error.message)));
    });
    try {
      const loaded = hears('loadedmetadata');
      player.src = address;
      await loaded;
      const sought = hears('seeked');
      player.currentTime = 2;
      await sought;
      const plays = hears('timeupdate');
      await player.play();
      await plays;
      return player.duration;
    } catch (thrown) {
      return String(thrown);
    } finally {
      player.src = '';
    }
  }
</script>`;

async function makeRaw(from: string, to: string): Promise<void> {
  await execa('ffmpeg', ['-v', 'error', '-i', from, '-f', 's16le', to]);
}

function addressOf(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
}

/** Serves the folder's files under the type that is asked for, in the ranges that are asked for. */
function serveFolder(): Promise<Server> {
  const answering = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const type = searchParams.get('type');
    if (type === null) {
      response.setHeader('content-type', 'text/html').end(playerPage);
      return;
    }
    const path = inFolder(decodeURIComponent(pathname.slice(1)));
    const { size } = statSync(path);
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(206, {
      'content-type': type,
      'content-length': size - start,
      'content-range': `bytes ${start}-${size - 1}/${size}`,
    });
    createReadStream(path, { start }).pipe(response);
  });
  return new Promise((resolve) => {
    answering.listen(0, '127.0.0.1', () => {
      resolve(answering);
    });
  });
}
