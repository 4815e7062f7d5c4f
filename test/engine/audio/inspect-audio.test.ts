/** What an inspection finds in the twelve formats, and what keeps or changes a song's identity. */
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';

import { beforeAll, describe, expect, it } from 'vitest';

import { decodeSong } from '../../../src/engine/audio/decode-song.ts';
import type { Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import {
  audioFormats,
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
let system: Ffmpeg;
let installer: Ffmpeg;
beforeAll(async () => {
  ({ system, installer } = await findBothBuilds());
  for (const format of audioFormats) await makeSong(inFolder(format.file), ...format.encode);
});

describe.each(audioFormats)('$name', (format) => {
  it('is probed and decoded', async () => {
    for (const build of [system, installer]) {
      const path = inFolder(format.file);
      const inspection = await inspectAudio(build, path);
      expect(inspection.probe).toMatchObject({ codec: format.codec, channels: 2 });
      expect(inspection.probe.durationSeconds).toBeCloseTo(4, 0);
      expect(inspection.flags).toEqual([]);
      const song = await decodeSong(build, path, inspection, { window: referenceWindow, measure: true });
      expect(song.flags).toEqual([]);
      expect(song.decodedSeconds).toBeCloseTo(4, 0);
      expect(song.measured?.loudness.integratedLufs).toBeCloseTo(-14.6, 0);
    }
  });

  it('has the same identity in both builds, also under another name', async () => {
    const path = inFolder(format.file);
    const renamed = inFolder(`renamed ${format.file}`);
    await copyFile(path, renamed);
    const { identity } = await inspectAudio(system, path);
    expect(identity).toMatch(/^[0-9a-f]{64}$/);
    expect((await inspectAudio(installer, path)).identity).toBe(identity);
    expect((await inspectAudio(system, renamed)).identity).toBe(identity);
  });

  it('keeps its identity when tags are edited', async () => {
    const path = inFolder(format.file);
    const tagged = inFolder(`tagged ${format.file}`);
    const tags = [
      '-metadata',
      'title=Une autre',
      '-metadata',
      'artist=b',
      '-metadata',
      `comment=${'x'.repeat(3000)}`,
    ];
    await ffmpeg(
      '-i',
      path,
      '-map',
      '0',
      '-c',
      'copy',
      ...tags,
      ...(path.endsWith('aiff') ? ['-write_id3v2', '1'] : []),
      tagged,
    );
    for (const build of [system, installer]) {
      const before = await inspectAudio(build, path);
      const after = await inspectAudio(build, tagged);
      expect(after.identity).toBe(before.identity);
      expect(after.probe.tags.title).toBe('Une autre');
      expect(before.probe.tags.title).toBeUndefined();
    }
  });
});

describe('identity', () => {
  it.each(['song.mp3', 'song.flac', 'song.m4a'])('survives a cover in %s', async (file) => {
    const cover = inFolder('cover.png');
    const covered = inFolder(`covered-${file}`);
    await ffmpeg('-f', 'lavfi', '-i', 'color=red:s=300x300:d=1', '-frames:v', '1', cover);
    await ffmpeg(
      ...['-i', inFolder(file), '-i', cover, '-map', '0:a', '-map', '1:v', '-c', 'copy'],
      ...['-disposition:v', 'attached_pic', covered],
    );
    for (const build of [system, installer]) {
      const after = await inspectAudio(build, covered);
      expect(after.identity).toBe((await inspectAudio(build, inFolder(file))).identity);
      expect(after.flags).toEqual([]);
    }
  });

  it('survives tags that are written behind an MP3', async () => {
    const bytes = await readFile(inFolder('song.mp3'));
    const { identity } = await inspectAudio(system, inFolder('song.mp3'));
    const id3v1 = Buffer.alloc(128);
    id3v1.write('TAGA title', 0, 'latin1');
    const tails = {
      id3v1,
      ape: apeTag('Title', 'A title'),
      both: Buffer.concat([apeTag('Title', 'x'), id3v1]),
    };
    for (const [name, tail] of Object.entries(tails)) {
      const path = inFolder(`tail-${name}.mp3`);
      await writeFile(path, Buffer.concat([bytes, tail]));
      for (const build of [system, installer]) {
        const after = await inspectAudio(build, path);
        expect(after.identity).toBe(identity);
        const song = await decodeSong(build, path, after, { window: referenceWindow, measure: true });
        expect(song.flags).toEqual([]);
      }
    }
  });

  it('differs after encoding again', async () => {
    const identities = await Promise.all(
      ['128k', '160k', '192k'].map(async (bitrate) => {
        const path = inFolder(`${bitrate}.mp3`);
        await makeSong(path, '-b:a', bitrate);
        return (await inspectAudio(system, path)).identity;
      }),
    );
    expect(new Set(identities).size).toBe(3);
    // The default bit rate of the formats' MP3 is 192k: the same encoder, the same input, the same packets.
    expect(identities[2]).toBe((await inspectAudio(system, inFolder('song.mp3'))).identity);
  });

  it('differs for the same bytes at another rate or channel count', async () => {
    const samples = new Int16Array(44_100 * 4).map((_, index) => Math.round(8000 * Math.sin(index / 9)));
    const variants = [{}, { sampleRateHz: 48_000 }, { channels: 1 }, { channels: 4 }];
    const identities = await Promise.all(
      variants.map(async (variant, index) => {
        const path = inFolder(`variant-${index}.wav`);
        await writeWav(path, samples, variant);
        const [first, second] = await Promise.all([
          inspectAudio(system, path),
          inspectAudio(installer, path),
        ]);
        expect(second.identity).toBe(first.identity);
        return first.identity;
      }),
    );
    expect(new Set(identities).size).toBe(variants.length);
  });

  it.each(['5.1', '7.1', 'quad', 'mono'])('is the same in both builds for %s', async (layout) => {
    for (const extension of ['wav', 'flac', 'ogg', 'm4a']) {
      const path = inFolder(`layout-${layout}.${extension}`);
      await makeSong(path, '-af', `aformat=channel_layouts=${layout}`);
      const [first, second] = await Promise.all([inspectAudio(system, path), inspectAudio(installer, path)]);
      expect(second.identity).toBe(first.identity);
      expect(second.probe.channels).toBe(first.probe.channels);
    }
  });

  it('does not exist for a file without packets', async () => {
    const path = inFolder('headers-only.wav');
    await writeWav(path, new Int16Array(0));
    for (const build of [system, installer]) {
      await expect(inspectAudio(build, path)).rejects.toMatchObject({ code: 'corrupt-audio' });
    }
  });

  it('stays the same when the file is renamed', async () => {
    await copyFile(sourceWav, inFolder('before.wav'));
    const { identity } = await inspectAudio(system, inFolder('before.wav'));
    await rename(inFolder('before.wav'), inFolder('after.wav'));
    expect((await inspectAudio(system, inFolder('after.wav'))).identity).toBe(identity);
  });
});

describe('lengths and flags', () => {
  it('knows which lengths are exact', async () => {
    const stated = async (path: string) => (await inspectAudio(system, path)).exactDurationSeconds;
    expect(await stated(`${parityAudio}long-vbr-noxing.mp3`)).toBeNull();
    expect(await stated(inFolder('film.mp4'))).toBeNull();
    expect(await stated(sourceWav)).toBe(4);
    expect(await stated(inFolder('song.flac'))).toBe(4);
    await truncateCopy(sourceWav, inFolder('half.wav'), 0.5);
    expect(await stated(inFolder('half.wav'))).toBe(4);
  });

  it('takes a WAV with an open length, as written to a pipe', async () => {
    const path = inFolder('open.wav');
    await writeWav(path, new Int16Array(88_200).fill(900), { statedDataBytes: 0xffff_ffff });
    const inspection = await inspectAudio(system, path);
    expect(inspection.exactDurationSeconds).toBeNull();
    const song = await decodeSong(system, path, inspection, { window: referenceWindow, measure: true });
    expect(song.flags).toEqual([]);
    expect(song.decodedSeconds).toBe(1);
  });

  it('flags a name that promises another format', async () => {
    await copyFile(sourceWav, inFolder('liar.mp3'));
    const inspection = await inspectAudio(system, inFolder('liar.mp3'));
    expect(inspection.flags).toEqual(['wrong-extension']);
    expect(inspection.probe.codec).toBe('pcm_s16le');
  });

  it('flags an Ogg file without its last page', async () => {
    await truncateCopy(inFolder('song.ogg'), inFolder('cut.ogg'), 0.6);
    expect((await inspectAudio(system, inFolder('cut.ogg'))).flags).toEqual(['cut-off']);
  });

  it('reads tags with line feeds, equal signs and other letters, and no more than it must', async () => {
    const path = inFolder('tags.flac');
    const title = 'Zeile 1\nSHA256=0; #=\\ 歌 🎵';
    await makeSong(path, '-metadata', `title=${title}`, '-metadata', `comment=${'y'.repeat(100_000)}`);
    for (const build of [system, installer]) {
      const { tags } = (await inspectAudio(build, path)).probe;
      expect(tags.title).toBe(title);
      expect(tags.comment?.length).toBe(4096);
    }
  });

  it('refuses absurd headers', async () => {
    const samples = new Int16Array(4000).fill(1);
    for (const header of [{ sampleRateHz: 1 }, { sampleRateHz: 0xffff_fff0 }, { channels: 2000 }]) {
      const path = inFolder('absurd.wav');
      await writeWav(path, samples, header);
      for (const build of [system, installer]) {
        await expect(inspectAudio(build, path)).rejects.toMatchObject({ code: 'corrupt-audio' });
      }
    }
  });

  it('finds no sound in a silent film and in a picture', async () => {
    await makeSound(inFolder('mute.mp4'), 'testsrc=d=1:r=5:s=64x64', '-c:v', 'mpeg4');
    await ffmpeg('-f', 'lavfi', '-i', 'color=red:s=32x32:d=1', '-frames:v', '1', inFolder('picture.png'));
    await rename(inFolder('picture.png'), inFolder('picture.mp3'));
    for (const build of [system, installer]) {
      for (const file of ['mute.mp4', 'picture.mp3']) {
        await expect(inspectAudio(build, inFolder(file))).rejects.toMatchObject({ code: 'no-audio-stream' });
      }
    }
  });
});

/** An APEv2 tag with one item, a header and a footer, as taggers write it. */
function apeTag(key: string, value: string): Buffer {
  const item = Buffer.concat([Buffer.alloc(8), Buffer.from(`${key}\0${value}`)]);
  item.writeUInt32LE(value.length, 0);
  const footer = Buffer.alloc(32);
  footer.write('APETAGEX', 0, 'latin1');
  footer.writeUInt32LE(2000, 8);
  footer.writeUInt32LE(item.length + 32, 12);
  footer.writeUInt32LE(1, 16);
  const header = Buffer.from(footer);
  header.writeUInt32LE(0xa000_0000, 20);
  return Buffer.concat([header, item, footer]);
}
