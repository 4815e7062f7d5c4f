/** Files of real encoders, whole and cut anywhere: what their containers say of their length. */
import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { checkExactLength } from '../../../src/engine/audio/exact-length.ts';
import { makeSong, sourceWav } from '../../support/make-audio.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const newFolder = useTemporaryFolders();
let folder = '';
beforeAll(async () => {
  folder = await newFolder();
});

const exact = [
  ['wav', []],
  ['wav', ['-metadata', 'title=tags stand in a chunk of their own', '-c:a', 'pcm_s24le']],
  ['wav', ['-rf64', 'always']],
  ['aiff', []],
  ['aif', ['-c:a', 'pcm_f32be']],
  ['w64', []],
  ['caf', []],
  ['m4a', ['-c:a', 'aac']],
  ['m4a', ['-c:a', 'alac', '-movflags', '+faststart']],
  ['ogg', ['-c:a', 'libvorbis']],
  ['opus', ['-c:a', 'libopus']],
] as const;

test.each(exact)(
  '%s %j is complete when whole, and incomplete wherever it is cut',
  async (ending, encode) => {
    const whole = join(folder, `whole.${ending}`);
    await makeSong(whole, ...encode);
    expect(await checkExactLength(whole)).toBe('complete');
    const bytes = await readFile(whole);
    const cut = join(folder, `cut.${ending}`);
    // What follows the samples (tags, an index of peaks) is no reason to wait, except in MP4, where it says where they are.
    const samplesEnd = ending === 'm4a' ? bytes.length : bytes.length - 1024;
    const cuts = fc.sample(fc.integer({ min: 17, max: samplesEnd - 1 }), { numRuns: 25, seed: 4 });
    for (const length of cuts) {
      await writeFile(cut, bytes.subarray(0, length));
      expect(`${length}: ${await checkExactLength(cut)}`).toBe(`${length}: incomplete`);
    }
  },
);

test.each([
  ['mp3', ['-b:a', '192k']],
  ['mp3', ['-q:a', '2', '-write_xing', '0']],
  ['flac', []],
  ['m4a', ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov']],
  ['webm', ['-c:a', 'libopus']],
] as const)('%s %j states no length', async (ending, encode) => {
  const song = join(folder, `open.${ending}`);
  await makeSong(song, ...encode);
  expect(await checkExactLength(song)).toBe('unknown');
});

test.each(['wav', 'aiff', 'caf', 'w64'])('%s written to a pipe states no length', async (format) => {
  const { stdout } = spawnSync('ffmpeg', ['-v', 'error', '-i', sourceWav, '-f', format, '-'], {
    maxBuffer: 1 << 26,
  });
  const streamed = join(folder, `streamed.${format}`);
  await writeFile(streamed, stdout);
  expect((await stat(streamed)).size).toBeGreaterThan(100_000);
  expect(await checkExactLength(streamed)).toBe('unknown');
});

test('no bytes make it fail or hang', async () => {
  const starts = [
    'RIFF....WAVE',
    'RF64....WAVE',
    'FORM....AIFF',
    'riff\x2e\x91\xcf\x11',
    'caff\x00\x01',
    'OggS\x00',
    '\x00\x00\x00\x10ftyp',
    '',
  ];
  const wild = join(folder, 'wild');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
      await writeFile(wild, Buffer.concat([Buffer.from(start, 'latin1'), rest]));
      expect(['complete', 'incomplete', 'unknown']).toContain(await checkExactLength(wild));
    }),
    { numRuns: 300 },
  );
});
