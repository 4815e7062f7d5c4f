/** What hostile, damaged and odd files can do: get a typed error, and nothing else. */
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { decodeSong } from '../../../src/engine/audio/decode-song.ts';
import type { Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import { BangerError, type ErrorCode } from '../../../src/shared/errors.ts';
import { asUnprivileged } from '../../support/as-unprivileged.ts';
import { audioFormats, findBothBuilds, makeSong, sourceWav } from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const inFolder = useSongFolder();
let builds: Ffmpeg[];
let system: Ffmpeg;
beforeAll(async () => {
  const both = await findBothBuilds();
  system = both.system;
  builds = [both.system, both.installer];
  for (const format of audioFormats) await makeSong(inFolder(format.file), ...format.encode);
});

/** The code that inspecting and decoding a file ends with, `ok` where it is scored. */
async function outcome(build: Ffmpeg, path: string): Promise<ErrorCode | 'ok'> {
  try {
    const inspection = await inspectAudio(build, path);
    await decodeSong(build, path, inspection, { window: referenceWindow, measure: true });
    return 'ok';
  } catch (error) {
    if (error instanceof BangerError) return error.code;
    throw error;
  }
}

describe('playlists in disguise', () => {
  const secret = () => inFolder('secret.wav');
  const disguises: readonly [string, () => string][] = [
    ['HLS', () => `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:${secret()}\n#EXT-X-ENDLIST\n`],
    ['HLS by name', () => '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.wav\n#EXT-X-ENDLIST\n'],
    ['ffconcat', () => 'ffconcat version 1.0\nfile secret.wav\n'],
    ['ffconcat with options', () => `ffconcat version 1.0\nfile 'file:${secret()}'\ninpoint 0\n`],
    ['SDP', () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n'],
  ];
  it.each(disguises)('%s is not audio, and the file it names is not opened', async (name, content) => {
    await copyFile(sourceWav, secret());
    for (const extension of ['mp3', 'wav', 'm4a']) {
      const path = inFolder(`playlist ${name}.${extension}`);
      await writeFile(path, content());
      for (const build of builds) {
        const inspecting = inspectAudio(build, path);
        await expect(inspecting).rejects.toMatchObject({ code: 'not-audio', file: path });
        const error = (await inspecting.catch((thrown: unknown) => thrown)) as BangerError;
        // ffmpeg names every file it opens; with a playlist's demuxer this one would appear.
        expect(error.details).not.toContain('secret.wav');
      }
    }
  });

  it('the same playlist does open the other file where nothing forbids it', () => {
    // Shows that the tests above would notice: a bare ffmpeg follows the list.
    const path = inFolder('playlist ffconcat.mp3');
    const samples = execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', path, '-f', 's16le', 'pipe:1']);
    expect(samples.length).toBeGreaterThan(100_000);
  });
});

describe('names', () => {
  it.each([
    '-i.wav',
    '-f.wav',
    'http:example.wav',
    'concat:a|b.wav',
    'pipe:0.wav',
    '%03d.wav',
    'it\'s [a] test; $(touch x) `y`, "z".wav',
    'two\nlines\n[info]   Stream #0:0: Audio: mp3, 8000 Hz, mono, fltp.wav',
    'tab\tand\rreturn.wav',
    '歌 🎵 é e\u0301.wav',
    `${'n'.repeat(250)}.wav`,
  ])('%j is just a name', async (name) => {
    const path = inFolder(name);
    await copyFile(sourceWav, path);
    for (const build of builds) {
      const { probe, identity } = await inspectAudio(build, path);
      expect(probe).toMatchObject({
        codec: 'pcm_s16le',
        sampleRateHz: 44_100,
        channels: 2,
        sampleFormat: 's16',
      });
      expect(identity).toBe((await inspectAudio(build, sourceWav)).identity);
      expect(await outcome(build, path)).toBe('ok');
    }
  });

  it('may lie in deep folders', async () => {
    const folder = inFolder(...Array.from({ length: 12 }, () => 'd'.repeat(200)));
    await mkdir(folder, { recursive: true });
    await copyFile(sourceWav, `${folder}/song.wav`);
    for (const build of builds) {
      expect((await inspectAudio(build, `${folder}/song.wav`)).probe.durationSeconds).toBe(4);
    }
  });
});

describe('things that are no songs', () => {
  it('each has its code', async () => {
    await mkdir(inFolder('folder.mp3'));
    await writeFile(inFolder('empty.mp3'), '');
    await writeFile(inFolder('zeros.mp3'), Buffer.alloc(100_000));
    await writeFile(inFolder('text.mp3'), 'Dear diary, today I made a song.\n'.repeat(100));
    await writeFile(inFolder('page.wav'), '<!doctype html><html><body>404</body></html>');
    await symlink(inFolder('nowhere'), inFolder('dangling.mp3'));
    await symlink(inFolder('loop.mp3'), inFolder('loop.mp3'));
    execFileSync('mkfifo', [inFolder('fifo.mp3')]);
    for (const build of builds) {
      expect(await outcome(build, inFolder('missing.mp3'))).toBe('file-missing');
      expect(await outcome(build, inFolder('song.wav', 'inside.mp3'))).toBe('file-missing');
      expect(await outcome(build, inFolder('nul\0.mp3'))).toBe('file-missing');
      expect(await outcome(build, inFolder('dangling.mp3'))).toBe('file-missing');
      expect(await outcome(build, inFolder('folder.mp3'))).toBe('file-unreadable');
      expect(await outcome(build, inFolder('loop.mp3'))).toBe('file-unreadable');
      expect(await outcome(build, inFolder('fifo.mp3'))).toBe('file-unreadable');
      expect(await outcome(build, '/dev/zero')).toBe('file-unreadable');
      expect(await outcome(build, inFolder('empty.mp3'))).toBe('corrupt-audio');
      expect(await outcome(build, inFolder('zeros.mp3'))).toBe('not-audio');
      expect(await outcome(build, inFolder('text.mp3'))).toBe('not-audio');
      expect(await outcome(build, inFolder('page.wav'))).toBe('not-audio');
    }
  });

  it('a socket does not hang', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(inFolder('socket.mp3'), listening));
    expect(await outcome(system, inFolder('socket.mp3'))).toBe('file-unreadable');
    await new Promise((closed) => server.close(closed));
  });

  it.runIf(process.platform !== 'win32')('a file without permission is unreadable', async () => {
    const path = inFolder('forbidden.wav');
    await copyFile(sourceWav, path);
    await chmod(inFolder(), 0o755);
    await chmod(path, 0o000);
    expect(await asUnprivileged(() => outcome(system, path))).toBe('file-unreadable');
  });
});

describe('damage', () => {
  it.each(audioFormats)('in $name ends in a score or a typed error', async (format) => {
    const whole = await readFile(inFolder(format.file));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
          maxLength: 40,
        }),
        fc.boolean(),
        async (keptShare, flips, onlyHeader) => {
          const bytes = Buffer.from(whole.subarray(0, Math.ceil(whole.length * Math.max(keptShare, 0.001))));
          const reach = onlyHeader ? Math.min(bytes.length, 400) : bytes.length;
          for (const [at, value] of flips) bytes[Math.min(Math.floor(at * reach), bytes.length - 1)] = value;
          const path = inFolder(`damaged-${run} ${format.file}`);
          run += 1;
          await writeFile(path, bytes);
          const build = builds[run % 2] ?? system;
          expect(['ok', 'not-audio', 'no-audio-stream', 'corrupt-audio', 'too-short']).toContain(
            await outcome(build, path),
          );
        },
      ),
      { numRuns: 12, seed: 20_261, endOnFailure: true },
    );
  });
});
