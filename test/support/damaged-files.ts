/** Makes hundreds of damaged, hostile and odd files, the same ones for the same seed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { makeSafetensors } from './checkpoints.ts';
import { seededRandom } from './seeded-random.ts';
import { py, makeTorchFile } from './torch-writer.ts';
import { makeZip } from './zip-writer.ts';

/** Whole songs to damage: their bytes by file name ending. */
export type WholeSongs = Readonly<Record<SongEnding, Buffer>>;
export const songEndings = ['wav', 'flac', 'mp3', 'ogg', 'opus', 'm4a'] as const;
export type SongEnding = (typeof songEndings)[number];

/** A kind of damage, how many files of it are made, and what must come of each. */
export interface DamageClass {
  name: string;
  count: number;
  /** The codes that are right for it; `scored` where a part of the song may well have survived. */
  outcomes: readonly string[];
}

export interface DamagedFile {
  path: string;
  damage: DamageClass;
}

export interface DamageOptions {
  /** Where the files are made. */
  folder: string;
  songs: WholeSongs;
  /** What the playlists name: nobody may open them. */
  secrets: readonly string[];
}

const unusable = ['not-audio', 'corrupt-audio', 'no-audio-stream', 'too-short'];

type Random = () => number;
type Maker = (options: DamageOptions, index: number, random: Random) => { ending: string; bytes: Buffer };

/** Kinds that are nothing but bytes in a file. */
const byteClasses: readonly (DamageClass & { make: Maker })[] = [
  { name: 'cut off in its first moments', count: 48, outcomes: unusable, make: makeStub },
  { name: 'flipped bits from its beginning on', count: 36, outcomes: unusable, make: makeFlippedHead },
  { name: 'empty', count: 12, outcomes: ['corrupt-audio'], make: ofBytes(() => Buffer.alloc(0)) },
  {
    name: 'zeros',
    count: 18,
    outcomes: ['not-audio'],
    make: ofBytes((random) => Buffer.alloc(Math.ceil(random() * 200_000))),
  },
  { name: 'noise', count: 30, outcomes: unusable, make: ofBytes((random) => noise(random, 60_000)) },
  { name: 'text', count: 20, outcomes: ['not-audio'], make: makeText },
  { name: 'another kind of file', count: 24, outcomes: unusable, make: makeOtherKind },
  { name: 'a playlist', count: 30, outcomes: ['not-audio'], make: makePlaylist },
  { name: 'a header that lies', count: 20, outcomes: unusable, make: makeLyingHeader },
  { name: 'a checkpoint', count: 24, outcomes: ['not-audio'], make: makeCheckpoint },
  {
    name: 'cut off midway',
    count: 18,
    outcomes: [...unusable, 'scored'],
    make: ({ songs }, index, random) => {
      const ending = endingAt(index);
      return { ending, bytes: songs[ending].subarray(0, songs[ending].length * (0.6 + 0.3 * random())) };
    },
  },
  {
    name: 'bits flipped here and there',
    count: 36,
    outcomes: [...unusable, 'scored'],
    make: ({ songs }, index, random) => {
      const ending = endingAt(index);
      const bytes = Buffer.from(songs[ending]);
      for (let flip = 0; flip < 30; flip += 1) {
        const at = Math.floor(random() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      return { ending, bytes };
    },
  },
];

const folders: DamageClass = { name: 'a folder', count: 12, outcomes: ['file-unreadable'] };
const forbidden: DamageClass = { name: 'not ours to read', count: 12, outcomes: ['file-unreadable'] };
const pipes: DamageClass = { name: 'a pipe', count: 4, outcomes: ['file-unreadable'] };
const sockets: DamageClass = { name: 'a socket', count: 2, outcomes: ['file-unreadable'] };
const missing: DamageClass = { name: 'missing', count: 4, outcomes: ['file-missing'] };
const brokenLinks: DamageClass = { name: 'a link to nothing', count: 4, outcomes: ['file-missing'] };
const loops: DamageClass = { name: 'a link to itself', count: 2, outcomes: ['file-unreadable'] };

/**
 * Makes all of them.
 *
 * @returns the files, those that may survive included, and what closes the sockets among them
 */
export function makeDamagedFiles(
  options: DamageOptions,
  seed: number,
): { files: DamagedFile[]; close: () => void } {
  const random = seededRandom(seed);
  const files: DamagedFile[] = [];
  const servers: Server[] = [];
  const make = (damage: DamageClass, place: (path: string, index: number) => void, ending?: string) => {
    for (let index = 0; index < damage.count; index += 1) {
      const path = join(options.folder, `${damage.name} ${index}.${ending ?? endingAt(index)}`);
      place(path, index);
      files.push({ path, damage });
    }
  };
  for (const kind of byteClasses) {
    for (let index = 0; index < kind.count; index += 1) {
      const { ending, bytes } = kind.make(options, index, random);
      const path = join(options.folder, `${kind.name} ${index}.${ending}`);
      writeFileSync(path, bytes);
      files.push({ path, damage: kind });
    }
  }
  const makeFolder = (path: string) => {
    mkdirSync(path);
  };
  make(folders, makeFolder, 'mp3');
  make(forbidden, (path, index) => {
    writeFileSync(path, options.songs[endingAt(index)]);
    chmodSync(path, 0o000);
  });
  make(pipes, (path) => execFileSync('mkfifo', [path]));
  make(sockets, (path) => servers.push(createServer().listen(path)));
  make(missing, () => undefined);
  make(brokenLinks, (path) => {
    symlinkSync(`${path} is gone`, path);
  });
  make(loops, (path) => {
    symlinkSync(path, path);
  });
  return {
    files,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

function endingAt(index: number): SongEnding {
  return songEndings[index % songEndings.length] ?? 'wav';
}

function ofBytes(makeBytes: (random: Random) => Buffer): Maker {
  return (_, index, random) => ({ ending: endingAt(index), bytes: makeBytes(random) });
}

function noise(random: Random, maximumBytes: number): Buffer {
  const bytes = Buffer.alloc(1 + Math.floor(random() * maximumBytes));
  return Buffer.from(bytes.map(() => Math.floor(random() * 256)));
}

/** The most bytes of a song that hold well under one second of it. */
const stubBytes: Record<SongEnding, number> = {
  wav: 20_000,
  flac: 9_000,
  mp3: 2_000,
  ogg: 4_000,
  opus: 600,
  m4a: 15_000,
};

function makeStub({ songs }: DamageOptions, index: number, random: Random) {
  const ending = endingAt(index);
  return { ending, bytes: songs[ending].subarray(0, 1 + Math.floor(random() * stubBytes[ending])) };
}

function makeFlippedHead({ songs }: DamageOptions, index: number) {
  const ending = endingAt(index);
  const bytes = Buffer.from(songs[ending]);
  // All but WAV find their way back into what follows, so nothing of those is left whole.
  const reach = ending === 'wav' ? 4096 : bytes.length;
  for (let at = 0; at < reach; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return { ending, bytes };
}

function makeText(_: DamageOptions, index: number) {
  const texts = [
    'Dear diary, today I made a song.\n'.repeat(400),
    '<!doctype html><title>404</title><p>The song that you are looking for has moved.',
    JSON.stringify({ error: 'generation failed', code: 500 }),
    '\ufeff歌詞\r\n\r\n'.repeat(50),
    '%PDF-1.7\n',
  ];
  return { ending: endingAt(index), bytes: Buffer.from(texts[index % texts.length] ?? '') };
}

function makeOtherKind(_: DamageOptions, index: number, random: Random) {
  const kinds = [
    Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), noise(random, 5000)]),
    Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), noise(random, 5000)]),
    Buffer.concat([Buffer.from('GIF89a'), noise(random, 5000)]),
    Buffer.concat([Buffer.from('7f454c460201010000', 'hex'), noise(random, 5000)]),
    Buffer.concat([Buffer.from('SQLite format 3\0'), noise(random, 5000)]),
    makeZip([{ name: 'song.wav', data: noise(random, 5000) }]),
    Buffer.concat([Buffer.from('1f8b0800', 'hex'), deflateSync(Buffer.alloc(1_000_000))]),
    Buffer.concat([Buffer.from('MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk', 'latin1'), noise(random, 500)]),
  ];
  return { ending: endingAt(index), bytes: kinds[index % kinds.length] ?? Buffer.alloc(0) };
}

/** Lists in disguise, each naming one of the secrets. */
function makePlaylist({ secrets }: DamageOptions, index: number) {
  const secret = secrets[index % secrets.length] ?? '';
  const lists = [
    `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${secret}\n#EXT-X-ENDLIST\n`,
    `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="${secret}"\n#EXTINF:9,\na.ts\n`,
    `ffconcat version 1.0\nfile '${secret}'\n`,
    `ffconcat version 1.0\nfile '${secret}'\ninpoint 0\noutpoint 9\n`,
    `[playlist]\nFile1=${secret}\nNumberOfEntries=1\n`,
    `<?xml version="1.0"?><MPD><Period><BaseURL>${secret}</BaseURL></Period></MPD>`,
    `<asx version="3.0"><entry><ref href="${secret}"/></entry></asx>`,
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=${secret}\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n`,
    `FILE "${secret}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n`,
    `;FFMETADATA1\ntitle=${secret}\n`,
  ];
  return { ending: ['mp3', 'wav', 'm4a'][index % 3] ?? '', bytes: Buffer.from(lists[index % 10] ?? '') };
}

/** Headers of audio formats that state what cannot be, with noise or nothing behind them. */
function makeLyingHeader({ songs }: DamageOptions, index: number, random: Random) {
  const wav = Buffer.from(songs.wav);
  const change = (edit: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(wav);
    edit(bytes);
    return { ending: 'wav', bytes };
  };
  const id3 = (sizeBytes: Buffer) => ({
    ending: 'mp3',
    bytes: Buffer.concat([Buffer.from('ID3\x04\0\0', 'latin1'), sizeBytes, noise(random, 3000)]),
  });
  const box = (kind: string, sizeBytes: number, data: Buffer) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(sizeBytes, 0);
    header.write(kind, 4, 'latin1');
    return Buffer.concat([header, data]);
  };
  const fileType = box('ftyp', 16, Buffer.from('M4A \0\0\0\0', 'latin1'));
  const lies = [
    // No channels, no rate, 4 GHz, no bits, an unknown codec.
    () => change((bytes) => bytes.writeUInt16LE(0, 22)),
    () => change((bytes) => bytes.writeUInt32LE(0, 24)),
    () => change((bytes) => bytes.writeUInt32LE(0xffff_fff0, 24)),
    () => change((bytes) => bytes.writeUInt16LE(0xffff, 22)),
    () => change((bytes) => bytes.writeUInt16LE(0x7777, 20)),
    // Tags that are 256 MB long.
    () => id3(Buffer.from('7f7f7f7f', 'hex')),
    () => id3(Buffer.from('00000000', 'hex')),
    // Boxes that reach far beyond the file, and tables of billions of entries.
    () => ({ ending: 'm4a', bytes: Buffer.concat([fileType, box('moov', 0xffff_ffff, Buffer.alloc(40))]) }),
    () => ({ ending: 'm4a', bytes: Buffer.concat([fileType, box('moov', 0, noise(random, 4000))]) }),
    () => ({
      ending: 'flac',
      bytes: Buffer.concat([Buffer.from('fLaC\x84\xff\xff\xff', 'latin1'), noise(random, 2000)]),
    }),
  ];
  return lies[index % lies.length]?.() ?? change(() => undefined);
}

/** Checkpoints, good by their form or lying about their sizes, that somebody has named like songs. */
function makeCheckpoint(_: DamageOptions, index: number, random: Random) {
  const checkpoints = Object.values(makeHostileCheckpoints());
  const bytes = checkpoints[index % checkpoints.length] ?? noise(random, 100);
  return { ending: ['mp3', 'wav', 'ogg'][index % 3] ?? '', bytes };
}

/** Files that are no usable head or weights, by what is wrong with them. */
export function makeHostileCheckpoints(): Record<string, Buffer> {
  const length = (bytes: bigint, rest = '') => {
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(bytes);
    return Buffer.concat([prefix, Buffer.from(rest)]);
  };
  const tensor = (shape: number[], offsets: number[]) => ({
    'net.0.weight': { dtype: 'F32', shape, data_offsets: offsets },
  });
  const storageOf = (elements: number) =>
    py.dump(
      py.dict([['net.0.weight', py.tensor(py.storage('0', 'FloatStorage', elements), [64, 64], [64, 1])]]),
    );
  return {
    'header of 2^63 bytes': length(2n ** 63n, '{}'),
    'header of 2^53 bytes': length(2n ** 53n, '{}'),
    'header of 90 MB in a small file': length(90_000_000n, '{"a":'),
    'header that is no JSON': makeSafetensors('{"net.0.weight": '),
    'header of nested lists': makeSafetensors('['.repeat(100_000)),
    'shape beyond all memory': makeSafetensors(tensor([2 ** 31, 2 ** 31], [0, 16]), Buffer.alloc(16)),
    'offsets beyond the file': makeSafetensors(tensor([4], [0, 2 ** 40]), Buffer.alloc(16)),
    'offsets below zero': makeSafetensors(tensor([4], [-16, 0]), Buffer.alloc(16)),
    'storage of a terabyte': makeTorchFile({ pickle: storageOf(2 ** 38), storages: { 0: Buffer.alloc(64) } }),
    'zip entry that claims 4 GB': makeZip([
      {
        name: 'model/data.pkl',
        data: Buffer.alloc(2_000_000),
        deflated: true,
        claims: { sizeBytes: 0xffff_fff0 },
      },
    ]),
    'pickle that calls a function': makeTorchFile({
      pickle: py.dump(py.call(py.global('posix', 'system'), py.text('touch /tmp/banger-was-run'))),
    }),
    'half a zip': makeTorchFile({ pickle: storageOf(4096), storages: { 0: Buffer.alloc(16_384) } }).subarray(
      0,
      9000,
    ),
  };
}
