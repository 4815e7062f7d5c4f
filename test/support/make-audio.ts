/** Makes audio files with the system's ffmpeg at test time: the formats we take, damage, and lookalikes. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { findFfmpeg, type Ffmpeg } from '../../src/engine/audio/find-ffmpeg.ts';

/** The folder of the parity audio. */
export const parityAudio = fileURLToPath(new URL('../fixtures/parity/audio/', import.meta.url));

/** One piece of music, 4 s, stereo, 44.1 kHz: what the made files are made of. */
export const sourceWav = `${parityAudio}stereo-44100.wav`;

/** The formats that songs come in, each with ffmpeg's arguments that make it. */
export const audioFormats = [
  { name: 'wav', file: 'song.wav', codec: 'pcm_s16le', lossless: true, encode: ['-c:a', 'pcm_s16le'] },
  { name: 'aiff', file: 'song.aiff', codec: 'pcm_s16be', lossless: true, encode: [] },
  { name: 'flac', file: 'song.flac', codec: 'flac', lossless: true, encode: ['-sample_fmt', 's16'] },
  { name: 'mp3', file: 'song.mp3', codec: 'mp3', lossless: false, encode: ['-b:a', '192k'] },
  { name: 'ogg', file: 'song.ogg', codec: 'vorbis', lossless: false, encode: ['-c:a', 'libvorbis'] },
  { name: 'opus', file: 'song.opus', codec: 'opus', lossless: false, encode: ['-c:a', 'libopus'] },
  { name: 'aac', file: 'song.m4a', codec: 'aac', lossless: false, encode: ['-c:a', 'aac'] },
  { name: 'alac', file: 'alac.m4a', codec: 'alac', lossless: true, encode: ['-c:a', 'alac'] },
  { name: 'wma', file: 'song.wma', codec: 'wmav2', lossless: false, encode: ['-c:a', 'wmav2'] },
  { name: 'webm', file: 'song.webm', codec: 'opus', lossless: false, encode: ['-c:a', 'libopus'] },
  {
    name: 'mp4 with video',
    file: 'film.mp4',
    codec: 'aac',
    lossless: false,
    encode: ['-f', 'lavfi', '-i', 'testsrc=d=4:r=5:s=64x64', '-c:a', 'aac', '-c:v', 'mpeg4'],
  },
  { name: 'wavpack', file: 'song.wv', codec: 'wavpack', lossless: true, encode: ['-c:a', 'wavpack'] },
] as const;

/** Runs the system's ffmpeg, and says so clearly where there is none. */
export async function ffmpeg(...commandArguments: string[]): Promise<void> {
  await execa('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...commandArguments]).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('These tests need ffmpeg on PATH (Debian: apt-get install ffmpeg).');
    }
    throw error;
  });
}

/** Encodes the piece of music. */
export function makeSong(path: string, ...encode: string[]): Promise<void> {
  return ffmpeg('-i', sourceWav, ...encode, path);
}

/** Makes a file from a description of ffmpeg's `lavfi` device, such as `sine=f=440:d=2`. */
export function makeSound(path: string, description: string, ...encode: string[]): Promise<void> {
  return ffmpeg('-f', 'lavfi', '-i', description, ...encode, path);
}

/** A 16-bit WAV file, whatever nonsense its header is asked to state. */
export async function writeWav(
  path: string,
  samples: Int16Array,
  { sampleRateHz = 44_100, channels = 2, statedDataBytes = samples.byteLength } = {},
): Promise<void> {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(36 + statedDataBytes, 0xffff_ffff), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE((sampleRateHz * channels * 2) % 2 ** 32, 28);
  header.writeUInt16LE((channels * 2) % 2 ** 16, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(statedDataBytes, 40);
  await writeFile(
    path,
    Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]),
  );
}

/** The first part of a file, as an interrupted copy leaves it. */
export async function truncateCopy(from: string, to: string, share: number): Promise<void> {
  const bytes = await readFile(from);
  await writeFile(to, bytes.subarray(0, Math.floor(bytes.length * share)));
}

/** Both builds that every result must agree on: the system's on PATH and the old one from the package. */
export async function findBothBuilds(): Promise<{ system: Ffmpeg; installer: Ffmpeg }> {
  const system = await findFfmpeg({ env: { PATH: process.env['PATH'], FFMPEG_PATH: undefined } });
  const installer = await findFfmpeg({ env: { PATH: '' } });
  if (system.source === 'ffmpeg-installer' || installer.source === system.source) {
    throw new Error(
      'These tests compare two ffmpeg builds; one on PATH is missing (Debian: apt-get install ffmpeg).',
    );
  }
  return { system, installer };
}
