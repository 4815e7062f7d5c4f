/** Writes score and stars into a song’s tags: everything else stays, and nothing is replaced before it was checked. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import { ByteSource } from './tags/byte-source.ts';
import { aiffTags, wavTags } from './tags/chunk-tags.ts';
import { flacTags } from './tags/flac-tags.ts';
import { id3HeaderBytes, id3TagLength, startsWithId3 } from './tags/id3-tag.ts';
import { mp3Tags } from './tags/mp3-tags.ts';
import { mp4Tags } from './tags/mp4-tags.ts';
import { oggTags } from './tags/ogg-tags.ts';
import type { OwnTags, TagChanges, TagFormat } from './tags/tag-format.ts';
import { ownTagNames, unsafeTags } from './tags/tag-format.ts';

export interface WriteTagsOptions {
  /**
   * The audio’s identity, as the audio room computes it. It is taken of the file and of its changed copy; unless
   * both are equal the file stays as it is.
   */
  identify: (path: string, signal?: AbortSignal) => Promise<string>;
  signal?: AbortSignal | undefined;
}

export interface WrittenTags {
  /** Our tags before, so that the change can be taken back. */
  before: OwnTags;
  after: OwnTags;
  /** False where the file held these values already and was not touched. */
  isChanged: boolean;
}

/**
 * Changes our tags in one file. A copy beside it gets the change and is read again: our tags must be there, every
 * other frame, comment, atom and chunk must be byte for byte the same, and so must the audio’s identity. Only then
 * does it take the file’s place, in one step. Links keep pointing to the file; its time of change becomes now, since
 * other programs look at it to notice new tags.
 *
 * @throws BangerError `tags-unsupported` for formats and files that cannot be changed safely, `file-missing`,
 *   `file-unreadable`, `file-unwritable`, `file-changed`, `disk-full`, `cancelled`, or what `identify` throws
 */
export async function writeTags(
  path: string,
  changes: TagChanges,
  options: WriteTagsOptions,
): Promise<WrittenTags> {
  try {
    return await writeIntoFile(await realpath(path), changes, options);
  } catch (thrown) {
    throw withFile(thrown, path, options.signal);
  }
}

/** Our tags as a file holds them. Throws as `writeTags` does. */
export async function readOwnTags(path: string): Promise<OwnTags> {
  try {
    return await withSource(path, async (source) => (await (await formatOf(source)).inspect(source)).own);
  } catch (thrown) {
    throw withFile(thrown, path, undefined);
  }
}

/**
 * Removes the copies that processes left beside a file when they were killed while they wrote tags there.
 *
 * @param cleaned folders that were looked through already, and now this one
 */
export async function removeAbandonedCopies(path: string, cleaned: Set<string>): Promise<void> {
  const folder = dirname(await realpath(path).catch(() => path));
  if (cleaned.has(folder)) return;
  cleaned.add(folder);
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const pid = /^\.banger-tags\.(\d+)\.[0-9a-f-]{36}\.partial$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user answers with EPERM: it lives.
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH');
  }
}

async function writeIntoFile(
  path: string,
  changes: TagChanges,
  options: WriteTagsOptions,
): Promise<WrittenTags> {
  const { identify, signal } = options;
  const stampBefore = await stampOf(path);
  return withSource(path, async (source) => {
    const format = await formatOf(source);
    const before = await format.inspect(source);
    const after = changedTags(before.own, changes);
    if (isDeepStrictEqual(before.own, after)) return { before: before.own, after, isChanged: false };

    const splices = await format.plan(source, changes);
    const copy = join(dirname(path), `.banger-tags.${process.pid}.${randomUUID()}.partial`);
    try {
      // A copy by the system keeps what belongs to the file beside its bytes, as far as the system can.
      await copyFile(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await chmod(copy, (await stat(path)).mode | 0o200);
      const lengthChange = splices.reduce(
        (sum, { insert, removeBytes }) => sum + insert.length - removeBytes,
        0,
      );
      await withFileHandle(copy, 'r+', async (target) => {
        await source.changeCopy(target, splices, signal);
        await target.truncate(source.sizeBytes + lengthChange);
        await target.sync();
      });
      await requireSame(format, copy, { own: after, others: before.others });
      if ((await identify(path, signal)) !== (await identify(copy, signal))) {
        throw unsafeTags('its audio would not have been recognised any more');
      }
      await chmod(copy, (await stat(path)).mode);
      if (!isDeepStrictEqual(await stampOf(path), stampBefore)) throw changedMeanwhile();
      await rename(copy, path);
    } catch (thrown) {
      await rm(copy, { force: true });
      throw thrown;
    }
    return { before: before.own, after, isChanged: true };
  });
}

/** What our tags are to be afterwards. */
function changedTags(before: OwnTags, changes: TagChanges): OwnTags {
  const after: OwnTags = {};
  for (const name of ownTagNames) {
    const value = changes[name] === undefined ? before[name] : changes[name];
    if (value !== undefined && value !== null) after[name] = value;
  }
  return after;
}

async function requireSame(
  format: TagFormat,
  path: string,
  expected: Awaited<ReturnType<TagFormat['inspect']>>,
): Promise<void> {
  const found = await withSource(path, (source) => format.inspect(source));
  if (isDeepStrictEqual(found, expected)) return;
  throw unsafeTags('a check of the changed copy found a difference where none may be');
}

/** How a file’s tags are kept, by its content whatever its name. @throws BangerError `tags-unsupported` */
async function formatOf(source: ByteSource): Promise<TagFormat> {
  const head = await source.readUpTo(0, 16);
  const text = head.toString('latin1');
  if (text.startsWith('fLaC')) return flacTags;
  if (text.startsWith('OggS')) return oggTags;
  if (text.startsWith('RIFF') && text.startsWith('WAVE', 8)) return wavTags;
  if (text.startsWith('FORM') && (text.startsWith('AIFF', 8) || text.startsWith('AIFC', 8))) return aiffTags;
  if (text.startsWith('ftyp', 4)) return mp4Tags;
  if (startsWithId3(head)) {
    const behind = await source.readUpTo(id3TagLength(head.subarray(0, id3HeaderBytes)), 4);
    return behind.toString('latin1') === 'fLaC' ? flacTags : mp3Tags;
  }
  if (head.length > 2 && head.readUInt16BE() >= 0xffe0 && (head.readUInt8(1) & 0x06) !== 0) return mp3Tags;
  throw unsafeTags('tags are written only into MP3, FLAC, Ogg Vorbis, Opus, M4A, WAV and AIFF');
}

async function withSource<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  return withFileHandle(path, constants.O_RDONLY | constants.O_NONBLOCK, async (file) => {
    if (!(await file.stat()).isFile()) throw unsafeTags('it is not an ordinary file');
    return use(await ByteSource.of(file));
  });
}

async function withFileHandle<T>(
  path: string,
  flags: string | number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function stampOf(path: string): Promise<{ size: bigint; mtimeNs: bigint; ino: bigint }> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return { size, mtimeNs, ino };
}

function changedMeanwhile(): BangerError {
  return new BangerError(
    'file-changed',
    'This file was changed by another program while tags were written.',
    {
      nextStep: 'Try again once nothing else writes to it.',
    },
  );
}

/** The error for the person, about this file. */
function withFile(thrown: unknown, path: string, signal: AbortSignal | undefined): BangerError {
  if (signal?.aborted === true)
    return new BangerError('cancelled', 'Writing tags was cancelled.', { file: path });
  if (thrown instanceof BangerError) return BangerError.fromRecord({ file: path, ...thrown.toRecord() });
  switch (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new BangerError('file-missing', 'This file is no longer there.', { file: path, cause: thrown });
    case 'ENOSPC':
    case 'EDQUOT':
      return new BangerError('disk-full', 'The disk is too full for a changed copy of this file.', {
        file: path,
        nextStep: 'Free some space and try again.',
        cause: thrown,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EBUSY':
    case 'EISDIR':
      return new BangerError('file-unwritable', 'This file or its folder may not be written.', {
        file: path,
        nextStep: 'Close programs that use the file, and make sure that you may write there.',
        cause: thrown,
      });
    default: {
      const error = asBangerError(thrown);
      return BangerError.fromRecord({ file: path, ...error.toRecord() });
    }
  }
}
