/** Decoding: windows, flags, measures, broken files, and that no child process outlives its call. */
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { decodeSong, type DecodedSong, type DecodeOptions } from '../../../src/engine/audio/decode-song.ts';
import type { Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import {
  ffmpeg,
  findBothBuilds,
  makeSong,
  makeSound,
  parityAudio,
  sourceWav,
  truncateCopy,
  writeWav,
} from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const inFolder = useSongFolder();
let builds: Ffmpeg[];
let system: Ffmpeg;
beforeAll(async () => {
  const both = await findBothBuilds();
  system = both.system;
  builds = [both.system, both.installer];
});

async function decode(
  build: Ffmpeg,
  path: string,
  options: Partial<DecodeOptions> = {},
): Promise<DecodedSong> {
  const inspection = await inspectAudio(build, path);
  return decodeSong(build, path, inspection, { window: referenceWindow, measure: true, ...options });
}

describe('window', () => {
  it('is cut after resampling, to the sample', async () => {
    const path = `${parityAudio}long-22050.wav`;
    const whole = await decode(system, path, { window: { startSeconds: 0, lengthSeconds: 60 } });
    for (const build of builds) {
      for (const measure of [true, false]) {
        const part = await decode(build, path, {
          window: { startSeconds: 7.3, lengthSeconds: 2.5 },
          measure,
        });
        expect(part.samples.length).toBe(60_000);
        const expected = whole.samples.subarray(175_200, 235_200);
        const largest = part.samples.reduce(
          (max, x, at) => Math.max(max, Math.abs(x - (expected[at] ?? 9))),
          0,
        );
        expect(largest).toBeLessThan(1e-5);
      }
    }
  });

  it('stops decoding at its end where nothing is measured', async () => {
    const path = `${parityAudio}long-22050.wav`;
    const song = await decode(system, path, {
      window: { startSeconds: 1, lengthSeconds: 2 },
      measure: false,
    });
    expect(song.decodedSeconds).toBe(3);
    expect(song.flags).toEqual([]);
  });

  it('outside the song is too short', async () => {
    const window = { startSeconds: 10, lengthSeconds: 5 };
    for (const measure of [true, false]) {
      await expect(decode(system, sourceWav, { window, measure })).rejects.toMatchObject({
        code: 'too-short',
      });
    }
  });
});

describe('channels', () => {
  it.each([1, 2, 3, 6, 8])('are averaged without weights: %i', async (channels) => {
    const frames = 24_000;
    const samples = new Int16Array(frames * channels);
    // Only the last channel sounds, at a constant level: its mean is the level divided by the channels.
    for (let frame = 0; frame < frames; frame += 1) samples[frame * channels + channels - 1] = 16_384;
    const path = inFolder(`channels-${channels}.wav`);
    await writeWav(path, samples, { sampleRateHz: 24_000, channels });
    for (const build of builds) {
      const song = await decode(build, path);
      expect(song.samples.length).toBe(frames);
      for (const at of [0, 12_000, frames - 1]) expect(song.samples[at]).toBeCloseTo(0.5 / channels, 6);
    }
  });

  it('may change midway', async () => {
    await makeSound(inFolder('one.aac'), 'sine=f=440:d=2:r=44100', '-ac', '1');
    await makeSound(inFolder('two.aac'), 'sine=f=440:d=2:r=48000', '-ac', '2');
    const path = inFolder('both.aac');
    await writeFile(
      path,
      Buffer.concat(await Promise.all(['one', 'two'].map((n) => readFile(inFolder(`${n}.aac`))))),
    );
    for (const build of builds) {
      const song = await decode(build, path);
      expect(song.decodedSeconds).toBeGreaterThan(3);
      expect(song.samples.every((x) => Math.abs(x) < 1)).toBe(true);
    }
  });
});

describe('flags and measures', () => {
  it('finds silence, which has no loudness', async () => {
    await makeSound(inFolder('silence.flac'), 'anullsrc=r=44100:cl=stereo', '-t', '3');
    for (const build of builds) {
      const song = await decode(build, inFolder('silence.flac'));
      expect(song.flags).toEqual(['silent']);
      expect(song.measured?.loudness).toEqual({ integratedLufs: null, truePeakDbtp: null });
    }
  });

  it('finds clipping, and none in a clean song at full scale', async () => {
    await makeSound(inFolder('clipped.wav'), 'sine=f=440:d=2', '-af', 'volume=30dB');
    await makeSound(inFolder('loud.wav'), 'aevalsrc=sin(2*PI*100*t):d=2:s=44100');
    for (const build of builds) {
      expect((await decode(build, inFolder('clipped.wav'))).flags).toEqual(['clipped']);
      expect((await decode(build, inFolder('loud.wav'))).flags).toEqual([]);
    }
  });

  it('flags what is under one second, and scores it all the same', async () => {
    await makeSound(inFolder('half.wav'), 'sine=f=440:d=0.5');
    for (const measure of [true, false]) {
      const song = await decode(system, inFolder('half.wav'), { measure });
      expect(song.flags).toEqual(['short']);
      expect(song.samples.length).toBe(12_000);
    }
  });

  it('refuses what has no encoder frame', async () => {
    await writeWav(inFolder('399.wav'), new Int16Array(399).fill(9), { sampleRateHz: 24_000, channels: 1 });
    await writeWav(inFolder('400.wav'), new Int16Array(400).fill(9), { sampleRateHz: 24_000, channels: 1 });
    for (const build of builds) {
      await expect(decode(build, inFolder('399.wav'))).rejects.toMatchObject({ code: 'too-short' });
      expect((await decode(build, inFolder('400.wav'))).samples.length).toBe(400);
      const minimumSamples = 401;
      await expect(decode(build, inFolder('400.wav'), { minimumSamples })).rejects.toMatchObject({
        code: 'too-short',
      });
    }
  });

  it('measures loudness and true peak by the standard', async () => {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS.
    const level = 10 ** (-23 / 20);
    await makeSound(
      inFolder('r128.wav'),
      `aevalsrc=${level}*sin(2*PI*1000*t)|${level}*sin(2*PI*1000*t):d=20:s=48000`,
    );
    for (const build of builds) {
      const { measured } = await decode(build, inFolder('r128.wav'));
      expect(Math.abs((measured?.loudness.integratedLufs ?? 0) + 23)).toBeLessThanOrEqual(0.1);
      expect(Math.abs((measured?.loudness.truePeakDbtp ?? 0) + 23)).toBeLessThanOrEqual(0.2);
    }
  });

  it('draws the waveform', async () => {
    await makeSound(inFolder('steps.wav'), 'aevalsrc=if(lt(t\\,1)\\,0.5\\,-0.25):d=2:s=44100');
    const { measured } = await decode(system, inFolder('steps.wav'));
    const peaks = measured?.peaks ?? new Int8Array();
    expect(peaks.length).toBe(1600);
    expect([...peaks.subarray(0, 2)]).toEqual([64, 64]);
    expect([...peaks.subarray(1598)]).toEqual([-32, -32]);
  });
});

describe('broken files', () => {
  it.each([
    ['wav', []],
    ['aiff', []],
    ['flac', []],
    ['mp3', []],
    ['ogg', ['-c:a', 'libvorbis']],
    ['opus', ['-c:a', 'libopus']],
    ['wma', []],
    ['webm', ['-c:a', 'libopus']],
    ['wv', []],
  ] as const)('a cut %s is decoded as far as it goes, and flagged', async (extension, encode) => {
    const path = inFolder(`whole.${extension}`);
    const cut = inFolder(`cut.${extension}`);
    await makeSong(path, ...encode);
    await truncateCopy(path, cut, 0.6);
    for (const build of builds) {
      for (const measure of [true, false]) {
        const song = await decode(build, cut, { measure });
        expect(song.flags).toContain('cut-off');
        expect(song.decodedSeconds).toBeGreaterThanOrEqual(1);
        expect(song.decodedSeconds).toBeLessThan(3.5);
      }
    }
  });

  it('a file that breaks before one second is refused', async () => {
    await truncateCopy(sourceWav, inFolder('stub.wav'), 0.2);
    await makeSong(inFolder('stub-source.flac'));
    await truncateCopy(inFolder('stub-source.flac'), inFolder('stub.flac'), 0.15);
    for (const build of builds) {
      for (const file of ['stub.wav', 'stub.flac']) {
        await expect(decode(build, inFolder(file))).rejects.toMatchObject({ code: 'corrupt-audio' });
      }
    }
  });

  it('samples that are no numbers are refused', async () => {
    const bytes = await readFile(`${parityAudio}stereo-48000-float.wav`);
    bytes.writeFloatLE(Number.NaN, 200_000);
    await writeFile(inFolder('nan.wav'), bytes);
    for (const build of builds) {
      await expect(decode(build, inFolder('nan.wav'))).rejects.toMatchObject({ code: 'corrupt-audio' });
    }
  });
});

describe('child processes', () => {
  /** The commands of all processes whose arguments name this file. */
  const processesWith = (name: string) =>
    execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((command) => command.includes(name));

  it('end when the call is cancelled midway', async () => {
    const name = 'cancel-me.wav';
    await ffmpeg('-f', 'lavfi', '-i', 'anoisesrc=d=600:r=44100', '-ac', '2', inFolder(name));
    const inspection = await inspectAudio(system, inFolder(name));
    const controller = new AbortController();
    const options = { window: referenceWindow, measure: true, signal: controller.signal };
    const decoding = decodeSong(system, inFolder(name), inspection, options);
    const outcome = expect(decoding).rejects.toMatchObject({ code: 'cancelled', file: inFolder(name) });
    await expect.poll(() => processesWith(name).length).toBe(1);
    controller.abort();
    await outcome;
    expect(processesWith(name)).toEqual([]);
  });

  it('do not start when the call was cancelled before', async () => {
    const options = { signal: AbortSignal.abort() };
    await expect(inspectAudio(system, sourceWav, options)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('are ended when they hang, with what they started', async () => {
    const hanging = inFolder('hanging-ffmpeg');
    await writeFile(hanging, '#!/bin/sh\necho "[info] thinking" >&2\nsleep 987654\n');
    await chmod(hanging, 0o755);
    const inspecting = inspectAudio({ path: hanging }, sourceWav, { timeoutSeconds: 0.5 });
    await expect(inspecting).rejects.toMatchObject({ code: 'timed-out', details: '[info] thinking' });
    expect(processesWith('987654')).toEqual([]);
  });

  it('that cannot start or crash are ffmpeg’s failure, not the song’s', async () => {
    const missing = inspectAudio({ path: inFolder('no-such-ffmpeg') }, sourceWav);
    await expect(missing).rejects.toMatchObject({ code: 'ffmpeg-failed' });
    const crashing = inFolder('crashing-ffmpeg');
    await writeFile(crashing, '#!/bin/sh\nkill -SEGV $$\n');
    await chmod(crashing, 0o755);
    await expect(inspectAudio({ path: crashing }, sourceWav)).rejects.toMatchObject({
      code: 'ffmpeg-failed',
    });
  });
});
