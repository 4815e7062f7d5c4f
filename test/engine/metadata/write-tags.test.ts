/** Tags are written into every format with all that is not ours byte for byte unchanged, or not at all. */
import { randomUUID } from 'node:crypto';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { findFfmpeg, type Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { readOwnTags, removeAbandonedCopies, writeTags } from '../../../src/engine/metadata/write-tags.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { ffmpeg as runFfmpeg, makeSong, makeSound } from '../../support/make-audio.ts';
import {
  addChunks,
  chunk,
  contentHashes,
  djFrames,
  id3Frame,
  id3Tag,
  makeMp3,
  noise,
  probeTags,
  rebuildFlac,
  shareHeaderPage,
} from '../../support/tagged-songs.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
let ffmpeg: Ffmpeg;
let cover: string;
beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  cover = join(await makeFolder(), 'cover.png');
  await runFfmpeg('-f', 'lavfi', '-i', 'testsrc=s=320x320', '-frames:v', '1', cover);
});

const identify = async (path: string): Promise<string> => (await inspectAudio(ffmpeg, path)).identity;
const tags = { BANGER_SCORE: '7.25', FMPS_Rating: '0.8' } as const;
const noTags = { BANGER_SCORE: null, FMPS_Rating: null };
const words = ['-metadata', 'title=Héllo', '-metadata', 'artist=Someone', '-metadata', 'fmps_rating_extra=x'];
const picture = () => [
  '-i',
  cover,
  '-map',
  '0:a',
  '-map',
  '1:v',
  '-c:v',
  'copy',
  '-disposition:v',
  'attached_pic',
];

interface Sample {
  name: string;
  file: string;
  make: (path: string) => Promise<void>;
  /** Parts that must stand in the file unchanged and in this order. */
  parts?: () => Buffer[];
  /** Whether ffprobe shows our tags; not where it reads another of the file's tags alone. */
  isShown?: boolean;
}

/** A comment of this many bytes; those of Ogg files begin to fill a second page at some 65,000. */
function longComment(length: number): string[] {
  return ['-metadata', `description=${'x'.repeat(length)}`];
}

const chunks = (format: 'wav' | 'aiff') => [
  chunk(format, format === 'wav' ? 'cue ' : 'MARK', noise(28, 8)),
  chunk(format, 'odd ', noise(33, 9)),
];

const samples: Sample[] = [
  { name: 'MP3 with no tag', file: 'a.mp3', make: (path) => makeMp3(path, Buffer.alloc(0)) },
  ...([3, 4] as const).flatMap((version): Sample[] => [
    {
      name: `MP3 with DJ data in ID3v2.${version} and no padding`,
      file: 'a.mp3',
      make: (path) => makeMp3(path, id3Tag(version, djFrames(version))),
      parts: () => djFrames(version),
    },
    {
      name: `MP3 with DJ data in ID3v2.${version} and padding`,
      file: 'a.mp3',
      make: (path) => makeMp3(path, id3Tag(version, djFrames(version), { padding: 300 })),
      parts: () => djFrames(version),
    },
  ]),
  {
    name: 'MP3 of ffmpeg with a cover',
    file: 'a.mp3',
    make: (path) => makeSong(path, ...picture(), ...words),
  },
  { name: 'FLAC', file: 'a.flac', make: (path) => makeSong(path, ...words) },
  { name: 'FLAC with a cover', file: 'a.flac', make: (path) => makeSong(path, ...picture(), ...words) },
  {
    name: 'FLAC with DJ data and no padding',
    file: 'a.flac',
    make: async (path) => {
      await makeSong(path, ...words);
      const added = [{ type: 2, content: Buffer.concat([Buffer.from('Srat'), noise(5000, 2)]) }];
      await rebuildFlac(path, { added, withPadding: false });
    },
    parts: () => [noise(5000, 2)],
  },
  { name: 'Ogg Vorbis', file: 'a.ogg', make: (path) => makeSong(path, '-c:a', 'libvorbis', ...words) },
  { name: 'Opus', file: 'a.opus', make: (path) => makeSong(path, '-c:a', 'libopus', ...words) },
  {
    name: 'Ogg Vorbis whose audio begins on a page of the headers',
    file: 'a.ogg',
    make: async (path) => {
      await makeSong(path, '-c:a', 'libvorbis', ...words);
      await shareHeaderPage(path);
    },
  },
  {
    name: 'Ogg Vorbis with comments on several pages',
    file: 'a.ogg',
    make: (path) => makeSong(path, '-c:a', 'libvorbis', ...longComment(100_000)),
  },
  {
    name: 'M4A with tags behind the audio',
    file: 'a.m4a',
    make: (path) => makeSong(path, '-c:a', 'aac', ...words),
  },
  {
    name: 'M4A without tags',
    file: 'a.m4a',
    make: (path) => makeSong(path, '-c:a', 'aac', '-map_metadata', '-1', '-fflags', '+bitexact'),
  },
  {
    name: 'M4A with tags in front of the audio',
    file: 'a.m4a',
    make: (path) => makeSong(path, '-c:a', 'aac', '-movflags', '+faststart', ...words),
  },
  {
    name: 'M4A with tags and padding in front of the audio, and a cover',
    file: 'a.m4a',
    make: (path) => makeSong(path, ...picture(), '-c:a', 'aac', '-moov_size', '200000', ...words),
  },
  {
    name: 'ALAC with a cover',
    file: 'a.m4a',
    make: (path) => makeSong(path, ...picture(), '-c:a', 'alac', '-movflags', '+faststart', ...words),
  },
  {
    name: 'MP4 with a film',
    file: 'a.mp4',
    make: (path) =>
      makeSong(
        path,
        '-f',
        'lavfi',
        '-i',
        'testsrc=d=4:r=5:s=64x64',
        '-c:a',
        'aac',
        '-c:v',
        'mpeg4',
        '-movflags',
        '+faststart',
      ),
  },
  { name: 'WAV with INFO tags', file: 'a.wav', isShown: false, make: (path) => makeSong(path, ...words) },
  {
    name: 'WAV with bext, cue points and an odd chunk',
    file: 'a.wav',
    isShown: false,
    make: async (path) => {
      await makeSong(path, '-write_bext', '1', '-metadata', 'description=field recording');
      await addChunks(path, 'wav', chunks('wav'));
    },
    parts: () => chunks('wav'),
  },
  {
    name: 'WAV with an ID3 chunk amid others',
    file: 'a.wav',
    isShown: false,
    make: async (path) => {
      await makeSong(path);
      await addChunks(path, 'wav', [chunk('wav', 'id3 ', id3Tag(3, djFrames(3))), ...chunks('wav')]);
    },
    parts: () => [...djFrames(3), ...chunks('wav')],
  },
  {
    name: 'WAV with an odd number of bytes',
    file: 'a.wav',
    isShown: false,
    make: (path) => makeSound(path, 'sine=d=1:sample_rate=11025,atrim=end_sample=5001', '-c:a', 'pcm_u8'),
  },
  { name: 'AIFF without tags', file: 'a.aiff', make: (path) => makeSong(path) },
  {
    name: 'AIFF with an ID3 chunk amid others',
    file: 'a.aiff',
    make: async (path) => {
      await makeSong(path);
      await addChunks(path, 'aiff', [chunk('aiff', 'ID3 ', id3Tag(4, djFrames(4))), ...chunks('aiff')]);
    },
    parts: () => [...djFrames(4), ...chunks('aiff')],
  },
  {
    name: 'WAV bytes in a file called MP3',
    file: 'a.mp3',
    isShown: false,
    make: (path) => makeSong(path, '-f', 'wav'),
  },
];

/** The parts stand in the file unchanged, in order. */
function expectParts(bytes: Buffer, parts: readonly Buffer[]): void {
  let from = 0;
  for (const part of parts) {
    const at = bytes.indexOf(part, from);
    expect(at).toBeGreaterThanOrEqual(from);
    from = at + part.length;
  }
}

describe('writeTags', () => {
  it.each(samples)(
    'keeps everything else of $name',
    async ({ file, make, parts = () => [], isShown = true }) => {
      const folder = await makeFolder();
      const path = join(folder, file);
      await make(path);
      const original = await readFile(path);
      const [identity, hashes, shown] = [
        await identify(path),
        await contentHashes(path),
        await probeTags(path),
      ];

      expect(await writeTags(path, tags, { identify })).toEqual({ before: {}, after: tags, isChanged: true });
      expect(await readOwnTags(path)).toEqual(tags);
      expect(await identify(path)).toBe(identity);
      expect(await contentHashes(path)).toBe(hashes);
      const tagged = await readFile(path);
      expectParts(tagged, parts());
      const ours = isShown ? { banger_score: '7.25', fmps_rating: '0.8' } : {};
      expect(await probeTags(path)).toEqual({ streams: shown.streams, tags: { ...shown.tags, ...ours } });

      const { mtimeMs } = await stat(path);
      expect(await writeTags(path, tags, { identify })).toMatchObject({ isChanged: false });
      expect((await stat(path)).mtimeMs).toBe(mtimeMs);

      expect(await writeTags(path, { BANGER_SCORE: '10.00' }, { identify })).toEqual({
        before: tags,
        after: { ...tags, BANGER_SCORE: '10.00' },
        isChanged: true,
      });
      expect(await writeTags(path, noTags, { identify })).toMatchObject({ after: {}, isChanged: true });
      const restored = await readFile(path);
      expectParts(restored, parts());
      expect(restored.includes('BANGER_SCORE\0') || /BANGER_SCORE=/i.test(restored.toString('latin1'))).toBe(
        false,
      );
      expect(await probeTags(path)).toEqual(shown);
      expect(await identify(path)).toBe(identity);
      expect(Math.abs(restored.length - original.length)).toBeLessThan(1200);
      expect(await readdir(folder)).toEqual([file]);
    },
  );

  it.each([
    ['FLAC', 'a.flac', []],
    ['Ogg Vorbis', 'a.ogg', ['-c:a', 'libvorbis']],
    ['Opus', 'a.opus', ['-c:a', 'libopus', ...longComment(64_960)]],
    ['M4A', 'a.m4a', ['-c:a', 'aac']],
  ])('gives back the very same %s when the tags are taken out', async (_name, file, encode) => {
    const path = join(await makeFolder(), file);
    await makeSong(path, ...encode, ...words);
    const original = await readFile(path);
    await writeTags(path, tags, { identify });
    expect((await readFile(path)).equals(original)).toBe(false);
    await writeTags(path, noTags, { identify });
    expect((await readFile(path)).equals(original)).toBe(true);
  });

  it('numbers the audio pages of an Ogg file anew where its comments need one more', async () => {
    const path = join(await makeFolder(), 'a.opus');
    const pageCount = async () => (await readFile(path)).toString('latin1').split('OggS').length;
    const growths: number[] = [];
    for (let length = 64_880; length < 65_000; length += 20) {
      await makeSound(path, 'sine=d=0.5', '-c:a', 'libopus', ...longComment(length));
      const [pages, hashes, original] = [await pageCount(), await contentHashes(path), await readFile(path)];
      await writeTags(path, tags, { identify });
      growths.push((await pageCount()) - pages);
      // ffmpeg checks the sum of every page, and passes over those whose sum is wrong.
      expect(await contentHashes(path)).toBe(hashes);
      await writeTags(path, noTags, { identify });
      expect((await readFile(path)).equals(original)).toBe(true);
    }
    expect(new Set(growths)).toEqual(new Set([0, 1]));
  });

  it('changes nothing but padding in an MP3 that has room', async () => {
    const path = join(await makeFolder(), 'a.mp3');
    await makeMp3(path, id3Tag(3, djFrames(3), { padding: 300 }));
    const original = await readFile(path);
    const start = 10 + Buffer.concat(djFrames(3)).length;
    await writeTags(path, tags, { identify });
    const tagged = await readFile(path);
    expect(tagged.length).toBe(original.length);
    expect(tagged.subarray(0, start).equals(original.subarray(0, start))).toBe(true);
    expect(tagged.subarray(start + 300).equals(original.subarray(start + 300))).toBe(true);
    await writeTags(path, noTags, { identify });
    expect((await readFile(path)).equals(original)).toBe(true);
  });

  it('replaces tags of these names however they were written, and each only once', async () => {
    const path = join(await makeFolder(), 'a.mp3');
    const utf16 = Buffer.concat([
      Buffer.from([1, 0xff, 0xfe]),
      Buffer.from('fmps_RATING\0\uFEFF0.2', 'utf16le'),
    ]);
    const latin = Buffer.from('\0FMPS_Rating\x000.4', 'latin1');
    await makeMp3(path, id3Tag(3, [id3Frame(3, 'TXXX', utf16), id3Frame(3, 'TXXX', latin)]));
    expect(await readOwnTags(path)).toEqual({ FMPS_Rating: '0.2' });
    await writeTags(path, tags, { identify });
    expect((await readFile(path)).toString('latin1').match(/FMPS_Rating/gi)).toHaveLength(1);
  });

  it('writes through a link, keeps the mode, and leaves the link', async () => {
    const folder = await makeFolder();
    const [path, link] = [join(folder, 'a.flac'), join(folder, 'link.flac')];
    await makeSong(path);
    await chmod(path, 0o640);
    await symlink('a.flac', link);
    await writeTags(link, tags, { identify });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readOwnTags(path)).toEqual(tags);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });
});

describe('what is refused', () => {
  /** Nothing is written: the error has this code, the file and its folder are as they were. */
  async function expectRefusal(
    path: string,
    code: string,
    options: Partial<Parameters<typeof writeTags>[2]> = {},
  ) {
    const before = await readFile(path);
    const error = await writeTags(path, tags, { identify, ...options }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, file: path });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect((await readdir(join(path, '..'))).filter((name) => name.endsWith('.partial'))).toEqual([]);
  }

  it.each([
    ['WMA', 'a.wma', ['-c:a', 'wmav2']],
    ['WebM', 'a.webm', ['-c:a', 'libopus']],
    ['WavPack', 'a.wv', ['-c:a', 'wavpack']],
    ['FLAC in Ogg', 'a.oga', ['-c:a', 'flac', '-sample_fmt', 's16']],
    ['fragmented MP4', 'a.m4a', ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov']],
    ['RF64', 'a.wav', ['-rf64', 'always']],
  ])('%s', async (_name, file, encode) => {
    const path = join(await makeFolder(), file);
    await makeSong(path, ...encode);
    await expectRefusal(path, 'tags-unsupported');
  });

  it.each([
    ['version 2.2', Buffer.from([0x49, 0x44, 0x33, 2, 0, 0, 0, 0, 0, 0])],
    ['an extended header', id3Tag(3, djFrames(3), { flags: 0x40 })],
    ['unsynchronisation in 2.3', id3Tag(3, djFrames(3), { flags: 0x80 })],
    ['a frame longer than the tag', id3Tag(3, [id3Frame(3, 'TIT2', noise(20)).subarray(0, 20)])],
    ['something in the padding', id3Tag(3, [...djFrames(3), Buffer.alloc(20), noise(3)])],
    ['lengths of 2.3 in 2.4', id3Tag(4, [id3Frame(3, 'APIC', noise(200)), id3Frame(3, 'TIT2', noise(9))])],
  ])('an ID3 tag with %s', async (_name, tag) => {
    const path = join(await makeFolder(), 'a.mp3');
    await makeMp3(path, tag);
    await expectRefusal(path, 'tags-unsupported', { identify: () => Promise.resolve('same') });
  });

  it('a file whose audio would be another', async () => {
    const path = join(await makeFolder(), 'a.flac');
    await makeSong(path);
    await expectRefusal(path, 'tags-unsupported', { identify: () => Promise.resolve(randomUUID()) });
  });

  it('a file that another program changes meanwhile, whose change stays', async () => {
    const path = join(await makeFolder(), 'a.flac');
    await makeSong(path);
    const before = await readFile(path);
    let calls = 0;
    const meddle = async () => {
      calls += 1;
      if (calls === 2) await appendFile(path, 'more');
      return 'same';
    };
    await expect(writeTags(path, tags, { identify: meddle })).rejects.toMatchObject({ code: 'file-changed' });
    expect((await readFile(path)).equals(Buffer.concat([before, Buffer.from('more')]))).toBe(true);
    expect(await readdir(join(path, '..'))).toEqual(['a.flac']);
  });

  it('a cancelled write', async () => {
    const path = join(await makeFolder(), 'a.mp3');
    await makeMp3(path, Buffer.alloc(0));
    await expectRefusal(path, 'cancelled', { signal: AbortSignal.abort() });
  });

  it('a folder, and a file that is gone', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'a.mp3'));
    await expect(writeTags(join(folder, 'a.mp3'), tags, { identify })).rejects.toMatchObject({
      code: 'tags-unsupported',
    });
    await expect(writeTags(join(folder, 'b.mp3'), tags, { identify })).rejects.toMatchObject({
      code: 'file-missing',
    });
  });

  it.each(['a.mp3', 'a.flac', 'a.ogg', 'a.opus', 'a.m4a', 'a.wav', 'a.aiff'])(
    'or changed soundly: %s with any damage',
    async (file) => {
      const folder = await makeFolder();
      const source = join(folder, file);
      await makeSound(source, 'sine=d=0.3', ...(file === 'a.opus' ? ['-c:a', 'libopus'] : []), ...words);
      const sound = await readFile(source);
      const head = Math.min(sound.length, 6000);
      const damage = fc.record({
        length: fc.oneof(fc.constant(sound.length), fc.nat(sound.length)),
        changes: fc.array(fc.tuple(fc.oneof(fc.nat(200), fc.nat(head), fc.nat(sound.length)), fc.nat(255)), {
          maxLength: 6,
        }),
      });
      let written = 0;
      await fc.assert(
        fc.asyncProperty(damage, async ({ length, changes }) => {
          const bytes = Buffer.from(sound.subarray(0, length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await writeFile(source, bytes);
          try {
            await writeTags(source, tags, { identify: () => Promise.resolve('same') });
            expect(await readOwnTags(source)).toEqual(tags);
            written += 1;
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(BangerError);
            expect((thrown as BangerError).code).toBe('tags-unsupported');
            expect((await readFile(source)).equals(bytes)).toBe(true);
          }
          expect((await readdir(folder)).map((name) => basename(name))).toEqual([file]);
        }),
        { numRuns: 100 },
      );
      expect(written).toBeGreaterThan(0);
    },
  );
});

describe('removeAbandonedCopies', () => {
  it('removes what a killed process left, and nothing else', async () => {
    const folder = await makeFolder();
    const names = [
      `.banger-tags.${2 ** 22 + 1}.${randomUUID()}.partial`,
      `.banger-tags.${process.pid}.${randomUUID()}.partial`,
      '.banger-tags.partial',
      'a.mp3',
    ];
    for (const name of names) await writeFile(join(folder, name), '');
    await removeAbandonedCopies(join(folder, 'a.mp3'), new Set());
    expect((await readdir(folder)).sort()).toEqual(names.slice(1).sort());
  });
});
