/** Decoded samples against the reference's, with both ffmpeg builds. */
import { readFile } from 'node:fs/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { decodeSong, type DecodedSong } from '../../../src/engine/audio/decode-song.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import type { Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import { decodeNpy } from '../../../src/shared/npy.ts';
import { audioFormats, findBothBuilds, makeSong, parityAudio } from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const temporary = useSongFolder();
let builds: { system: Ffmpeg; installer: Ffmpeg };
beforeAll(async () => {
  builds = await findBothBuilds();
});

async function decode(build: Ffmpeg, path: string, measure = true): Promise<DecodedSong> {
  const inspection = await inspectAudio(build, path);
  return decodeSong(build, path, inspection, { window: referenceWindow, measure });
}

async function reference(file: string): Promise<Float32Array> {
  return decodeNpy(await readFile(`${parityAudio}${file}.librosa24k.npy`)).data;
}

/** Signal-to-noise ratio in dB over the common length, with `samples` shifted by `lag`. */
function signalToNoiseDb(expected: Float32Array, samples: Float32Array, lag = 0): number {
  let signal = 0;
  let noise = 0;
  for (let index = 0; index < Math.min(expected.length, samples.length); index += 1) {
    const value = expected[index] ?? 0;
    signal += value ** 2;
    noise += (value - (samples[index + lag] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe.each(['system', 'installer'] as const)('with the %s build', (name) => {
  it.each([
    'mono-22050.wav',
    'mono-24000.wav',
    'stereo-44100.wav',
    'stereo-48000-float.wav',
    'stereo-44100.flac',
    'stereo-44100.mp3',
    'stereo-44100.ogg',
    'stereo-48000.opus',
    'long-22050.wav',
  ])('gives the reference samples of %s', async (file) => {
    const expected = await reference(file);
    const { samples } = await decode(builds[name], parityAudio + file);
    expect(Math.abs(samples.length - expected.length)).toBeLessThanOrEqual(2);
    expect(signalToNoiseDb(expected, samples)).toBeGreaterThanOrEqual(80);
  });

  it.each(audioFormats.filter(({ lossless }) => lossless))(
    'gives the wav samples from $name',
    async (format) => {
      const path = temporary(`${name}-${format.file}`);
      await makeSong(path, ...format.encode);
      const expected = await reference('stereo-44100.wav');
      const { samples } = await decode(builds[name], path);
      expect(Math.abs(samples.length - expected.length)).toBeLessThanOrEqual(2);
      expect(signalToNoiseDb(expected, samples)).toBeGreaterThanOrEqual(80);
    },
  );

  it('gives m4a without lag', async () => {
    const expected = await reference('stereo-44100.wav');
    const { samples } = await decode(builds[name], `${parityAudio}stereo-44100.m4a`);
    const ratios = [-2, -1, 0, 1, 2].map((lag) => signalToNoiseDb(expected, samples, lag));
    expect(ratios.indexOf(Math.max(...ratios))).toBe(2);
    expect(signalToNoiseDb(expected, samples)).toBeGreaterThanOrEqual(18);
  });

  it('decodes all 30 s of an MP3 whose length is only estimated', async () => {
    const expected = await reference('long-vbr-noxing.mp3');
    const { samples, decodedSeconds } = await decode(builds[name], `${parityAudio}long-vbr-noxing.mp3`);
    expect(samples.length).toBe(720_000);
    expect(expected.length).toBe(366_926);
    expect(signalToNoiseDb(expected, samples)).toBeGreaterThanOrEqual(55);
    expect(decodedSeconds).toBeGreaterThan(33);
  });

  it.each(['long-22050.wav', 'stereo-44100.mp3', 'stereo-44100.ogg'])(
    'gives the same samples of %s with and without measuring',
    async (file) => {
      const measured = await decode(builds[name], parityAudio + file, true);
      const unmeasured = await decode(builds[name], parityAudio + file, false);
      expect(unmeasured.samples).toEqual(measured.samples);
      expect(unmeasured.measured).toBeNull();
    },
  );
});

it('names one recipe for both builds', async () => {
  const file = `${parityAudio}mono-24000.wav`;
  const [system, installer] = await Promise.all([
    decode(builds.system, file),
    decode(builds.installer, file),
  ]);
  expect(system.recipe).toBe(installer.recipe);
});

it('comes close to the reference without soxr, under another recipe', async () => {
  for (const file of ['mono-22050.wav', 'stereo-44100.wav', 'stereo-48000-float.wav', 'mono-24000.wav']) {
    const withoutSoxr: Ffmpeg = { ...builds.system, resampler: 'swr' };
    const { samples, recipe } = await decode(withoutSoxr, parityAudio + file);
    expect(signalToNoiseDb(await reference(file), samples)).toBeGreaterThanOrEqual(55);
    expect(recipe).not.toBe((await decode(builds.system, parityAudio + file)).recipe);
  }
});
