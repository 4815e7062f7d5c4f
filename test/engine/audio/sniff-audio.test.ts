/** Telling audio from other files by name and first bytes. */
import { readFile, writeFile } from 'node:fs/promises';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  hasAudioSignature,
  hasWrongExtension,
  startsLikeAudio,
  startsLikeContainer,
  startsLikePicture,
} from '../../../src/engine/audio/sniff-audio.ts';
import { audioExtensions, hasAudioExtension } from '../../../src/shared/file-names.ts';
import { audioFormats, makeSong } from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const inFolder = useSongFolder();
beforeAll(async () => {
  for (const format of audioFormats) await makeSong(inFolder(format.file), ...format.encode);
});

describe('names', () => {
  it('are audio in either case, by their last part only', () => {
    for (const path of ['a.mp3', '/x/b.WAV', 'c.x.Flac']) expect(hasAudioExtension(path)).toBe(true);
    for (const path of ['mp3', '.mp3', 'a.mp3.part', 'a.txt', 'a', 'a.constructor', 'a.mp3/']) {
      expect(hasAudioExtension(path)).toBe(path === 'a.mp3/');
    }
    expect(audioExtensions).toContain('opus');
  });

  it('are wrong where another container is promised', () => {
    expect(hasWrongExtension('a.mp3', 'wav')).toBe(true);
    expect(hasWrongExtension('a.m4a', 'mov,mp4,m4a,3gp,3g2,mj2')).toBe(false);
    expect(hasWrongExtension('a.webm', 'matroska,webm')).toBe(false);
    expect(hasWrongExtension('a.bin', 'wav')).toBe(false);
  });
});

describe('signatures', () => {
  it.each(audioFormats)('of $name', async ({ file, name }) => {
    const mayBeFilm = ['wma', 'webm', 'mp4 with video'].includes(name);
    expect(await hasAudioSignature(inFolder(file))).toBe(!mayBeFilm);
    expect(startsLikeContainer(await readFile(inFolder(file)))).toBe(true);
  });

  it('are found in an MP3 and an AAC stream without any tag', async () => {
    await makeSong(inFolder('bare.mp3'), '-write_xing', '0', '-id3v2_version', '0');
    await makeSong(inFolder('bare.aac'));
    expect((await readFile(inFolder('bare.mp3'))).toString('latin1', 0, 3)).not.toBe('ID3');
    expect(await hasAudioSignature(inFolder('bare.mp3'))).toBe(true);
    expect(await hasAudioSignature(inFolder('bare.aac'))).toBe(true);
  });

  it('are not found in text, pictures and programs', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    await writeFile(inFolder('picture'), png);
    expect(await hasAudioSignature(inFolder('picture'))).toBe(false);
    expect(startsLikePicture(png)).toBe(true);
    for (const head of ['#EXTM3U\n', '{"caption": "x"}', '', 'RIFF....AVI LIST']) {
      expect(startsLikeAudio(Buffer.from(head))).toBe(false);
    }
    expect(startsLikeAudio(await readFile(process.execPath).then((bytes) => bytes.subarray(0, 4096)))).toBe(
      false,
    );
    await expect(hasAudioSignature(inFolder('missing'))).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('never fail, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom('', 'ID', 'caff', 'OggS', '\xff\xfb', '\xff\xf1'),
        (tail, start) => {
          const head = Buffer.concat([Buffer.from(start, 'latin1'), tail]);
          for (const test of [startsLikeAudio, startsLikeContainer, startsLikePicture]) {
            expect(typeof test(head)).toBe('boolean');
          }
        },
      ),
    );
  });
});
