/** Files: where songs lie on disk, and what came of every file that was looked at. */
import path from 'node:path';
import type { AudioProbe, SongFlag } from '../../../shared/audio.ts';
import { BangerError, errorRecordSchema, type ErrorRecord } from '../../../shared/errors.ts';
import type { FileFailure, FileRecord, FileStamp, KnownFile, SongIdentity } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';
import type { BatchesTable } from './batches-table.ts';
import { pathRangeBelow } from './path-range.ts';
import { flagsFromColumn, flagsToColumn } from './song-flags.ts';
import type { SongsTable } from './songs-table.ts';

interface FileRow {
  id: number;
  path: string;
  size_bytes: number;
  /** As text: JavaScript's numbers are too short for nanoseconds. */
  mtime_ns: string;
  song_id: number | null;
  flags: string;
  first_seen_at_ms: number;
  last_seen_at_ms: number;
  missing_since_ms: number | null;
  code: string | null;
  message: string;
  next_step: string | null;
  details: string | null;
  attempts: number;
  failed_at_ms: number;
}

/** A file whose audio was understood. */
export interface FileToRecord {
  stamp: FileStamp;
  /** The identity of its audio, and further ones of other schemes if they are known. */
  identities: readonly [SongIdentity, ...SongIdentity[]];
  probe: AudioProbe;
  /** Flags of this file alone, such as `wrong-extension`. */
  flags?: readonly SongFlag[];
}

export interface RecordedFile {
  fileId: number;
  songId: number;
  /** Whether this audio was never seen before. */
  isNewSong: boolean;
}

/** Nobody writes one song for longer; an older song that lost its file was a song of its own. */
const phantomAgeMs = 3_600_000;

/** Times beyond these (before 1677, after 2262) are stored as the nearest one that SQLite's integers hold. */
const earliestTimeNs = -(2n ** 63n);
const latestTimeNs = 2n ** 63n - 1n;

/** Comes after every path: no text in UTF-8 begins with a greater character. */
const lastPath = '\u{10ffff}';

export class FilesTable {
  readonly #connection: Connection;
  readonly #songs: SongsTable;
  readonly #batches: BatchesTable;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, songs: SongsTable, batches: BatchesTable, now: () => number) {
    this.#connection = connection;
    this.#songs = songs;
    this.#batches = batches;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** What is known about a path, null when it was never seen. */
  byPath(filePath: string): KnownFile | null {
    return this.#connection.read(() => {
      const row = this.#statements.selectByPath.get({ path: filePath });
      if (row === undefined) return null;
      const file = fileFromRow(row);
      return { file, song: file.songId === null ? null : this.#songs.byId(file.songId) };
    });
  }

  /**
   * What is known about a file that has the size and time it had when it was last recorded, its failure included;
   * null when it is new or has changed.
   */
  findUnchanged(stamp: FileStamp): KnownFile | null {
    const known = this.byPath(stamp.path);
    if (known === null) return null;
    const { sizeBytes, mtimeNs } = known.file;
    return sizeBytes === stamp.sizeBytes && mtimeNs === clampedTime(stamp.mtimeNs) ? known : null;
  }

  /** All files that hold a song, missing ones included, in order of path. */
  ofSong(songId: number): FileRecord[] {
    return this.#statements.selectBySong.all({ songId }).map(fileFromRow);
  }

  /**
   * Stores that a file holds the song with this identity, which is found or created; a file that was renamed,
   * moved or copied so finds the song it had. What was known about the path before is replaced.
   *
   * A song that was only ever this path's earlier, growing content leaves with it: it is young, no other file holds
   * it, and nobody has judged it.
   *
   * @throws BangerError `file-unreadable` when the path cannot be stored as text
   */
  record({ stamp, identities, probe, flags = [] }: FileToRecord): RecordedFile {
    const columns = stampColumns(stamp);
    return this.#connection.write(() => {
      const former = this.#statements.selectSongOfPath.get({ path: columns.path });
      const { songId, isNew } = this.#songs.findOrCreate(identities, probe);
      const fileId = this.#upsert(columns, songId, flags);
      this.#statements.deleteFailure.run({ fileId });
      this.#batches.assign(songId);
      if (former !== undefined && former.songId !== songId) this.#deleteIfPhantom(former.songId);
      return { fileId, songId, isNewSong: isNew };
    });
  }

  /** Deletes a song that was seen only while its file was being written. */
  #deleteIfPhantom(songId: number): void {
    const youngerThanMs = this.#now() - phantomAgeMs;
    this.#statements.deletePhantom.run({ songId, youngerThanMs });
  }

  /**
   * Stores why a file could not be taken in. A file that had a song keeps it as long as its size and time are the
   * same; otherwise nobody knows what it holds now.
   *
   * @returns the file's id
   * @throws BangerError `file-unreadable` when the path cannot be stored as text
   */
  recordFailure(stamp: FileStamp, error: ErrorRecord): number {
    const columns = stampColumns(stamp);
    return this.#connection.write(() => {
      const unchanged = this.findUnchanged(stamp);
      const former = this.#statements.selectSongOfPath.get({ path: columns.path });
      if (unchanged === null) this.#statements.deleteFailureOfPath.run({ path: columns.path });
      const fileId = this.#upsert(columns, unchanged?.file.songId ?? null, unchanged?.file.flags ?? []);
      this.#statements.upsertFailure.run({
        fileId,
        code: error.code,
        message: error.message,
        nextStep: error.nextStep ?? null,
        details: error.details ?? null,
        now: this.#now(),
      });
      if (unchanged === null && former !== undefined) this.#deleteIfPhantom(former.songId);
      return fileId;
    });
  }

  /** All paths that were there when last looked at, in order, a thousand at a time. */
  present(): Generator<string[], void, undefined> {
    return this.#presentWithin({ from: '', to: lastPath });
  }

  /** Paths below a folder that were there when last looked at, in order, a thousand at a time. */
  presentBelow(folder: string): Generator<string[], void, undefined> {
    return this.#presentWithin(pathRangeBelow(folder));
  }

  *#presentWithin(range: { from: string; to: string }): Generator<string[], void, undefined> {
    for (let after = ''; ;) {
      const paths = this.#statements.selectPresentBelow.all({ ...range, after }).map((row) => row.path);
      const last = paths.at(-1);
      if (last === undefined) return;
      yield paths;
      after = last;
    }
  }

  /** Notes that files are there; paths that were never recorded are passed over. */
  markSeen(paths: Iterable<string>): void {
    this.#connection.write(() => {
      for (const filePath of paths) this.#statements.markSeen.run({ path: filePath, now: this.#now() });
    });
  }

  /** Notes that files are gone; everything that is known about them is kept. */
  markMissing(paths: Iterable<string>): void {
    this.#connection.write(() => {
      for (const filePath of paths) this.#statements.markMissing.run({ path: filePath, now: this.#now() });
    });
  }

  /**
   * Notes that the product itself moved a file. What was known about the new path before is replaced; a file that
   * was never recorded is passed over.
   *
   * @throws BangerError `file-unreadable` when the new path cannot be stored as text
   */
  changePath(from: string, to: string): void {
    const { path: newPath } = stampColumns({ path: to, sizeBytes: 0, mtimeNs: 0n });
    this.#connection.write(() => {
      if (from === newPath || this.#statements.selectByPath.get({ path: from }) === undefined) return;
      this.#statements.deleteByPath.run({ path: newPath });
      this.#statements.changePath.run({ from, to: newPath, now: this.#now() });
    });
  }

  #upsert(columns: StampColumns, songId: number | null, flags: readonly SongFlag[]): number {
    const row = this.#statements.upsert.get({
      ...columns,
      songId,
      flags: flagsToColumn(flags),
      now: this.#now(),
    });
    if (row === undefined) throw new BangerError('library-failed', 'A file could not be stored.');
    return row.id;
  }
}

function prepareStatements(connection: Connection) {
  const selectFile = `
    SELECT files.id, path, size_bytes, CAST(mtime_ns AS TEXT) AS mtime_ns, song_id, flags, first_seen_at_ms,
      last_seen_at_ms, missing_since_ms, code, message, next_step, details, attempts, failed_at_ms
    FROM files LEFT JOIN file_failures ON file_failures.file_id = files.id`;
  return {
    selectByPath: connection.statement<{ path: string }, FileRow>(`${selectFile} WHERE path = @path`),
    selectBySong: connection.statement<{ songId: number }, FileRow>(
      `${selectFile} WHERE song_id = @songId ORDER BY path`,
    ),
    upsert: connection.statement<
      StampColumns & { songId: number | null; flags: string; now: number },
      { id: number }
    >(
      `INSERT INTO files (path, size_bytes, mtime_ns, song_id, flags, first_seen_at_ms, last_seen_at_ms)
       VALUES (@path, @sizeBytes, @mtimeNs, @songId, @flags, @now, @now)
       ON CONFLICT (path) DO UPDATE SET
         size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, song_id = excluded.song_id,
         flags = excluded.flags, last_seen_at_ms = excluded.last_seen_at_ms, missing_since_ms = NULL
       RETURNING id`,
    ),
    upsertFailure: connection.statement<{
      fileId: number;
      code: string;
      message: string;
      nextStep: string | null;
      details: string | null;
      now: number;
    }>(
      `INSERT INTO file_failures (file_id, code, message, next_step, details, attempts, failed_at_ms)
       VALUES (@fileId, @code, @message, @nextStep, @details, 1, @now)
       ON CONFLICT (file_id) DO UPDATE SET
         code = excluded.code, message = excluded.message, next_step = excluded.next_step,
         details = excluded.details, attempts = attempts + 1, failed_at_ms = excluded.failed_at_ms`,
    ),
    deleteFailure: connection.statement<{ fileId: number }>(
      `DELETE FROM file_failures WHERE file_id = @fileId`,
    ),
    deleteFailureOfPath: connection.statement<{ path: string }>(
      `DELETE FROM file_failures WHERE file_id = (SELECT id FROM files WHERE path = @path)`,
    ),
    deleteByPath: connection.statement<{ path: string }>(`DELETE FROM files WHERE path = @path`),
    changePath: connection.statement<{ from: string; to: string; now: number }>(
      `UPDATE files SET path = @to, last_seen_at_ms = @now, missing_since_ms = NULL WHERE path = @from`,
    ),
    selectSongOfPath: connection.statement<{ path: string }, { songId: number }>(
      `SELECT song_id AS songId FROM files WHERE path = @path AND song_id IS NOT NULL`,
    ),
    deletePhantom: connection.statement<{ songId: number; youngerThanMs: number }>(
      `DELETE FROM songs WHERE id = @songId AND added_at_ms > @youngerThanMs
         AND NOT EXISTS (SELECT 1 FROM files WHERE song_id = songs.id)
         AND NOT EXISTS (SELECT 1 FROM verdicts WHERE song_id = songs.id)
         AND NOT EXISTS (SELECT 1 FROM comparisons WHERE song_a = songs.id OR song_b = songs.id)`,
    ),
    selectPresentBelow: connection.statement<{ from: string; to: string; after: string }, { path: string }>(
      `SELECT path FROM files WHERE path >= @from AND path < @to AND path > @after AND missing_since_ms IS NULL
       ORDER BY path LIMIT 1000`,
    ),
    markSeen: connection.statement<{ path: string; now: number }>(
      `UPDATE files SET last_seen_at_ms = @now, missing_since_ms = NULL WHERE path = @path`,
    ),
    markMissing: connection.statement<{ path: string; now: number }>(
      `UPDATE files SET missing_since_ms = @now WHERE path = @path AND missing_since_ms IS NULL`,
    ),
  };
}

interface StampColumns {
  path: string;
  sizeBytes: number;
  mtimeNs: bigint;
}

/**
 * A stamp as it is stored. Paths are text and kept exactly as given, composed or decomposed, without any
 * normalisation. A name that is no text cannot be kept: half a surrogate pair on Windows is refused here; invalid
 * UTF-8 on Linux reaches Node with replacement characters, by which the file cannot be opened in the first place.
 */
function stampColumns({ path: filePath, sizeBytes, mtimeNs }: FileStamp): StampColumns {
  if (!filePath.isWellFormed() || filePath.includes('\0')) {
    throw new BangerError('file-unreadable', 'The file’s name is not valid text, so it cannot be kept.', {
      file: filePath,
      nextStep: 'Rename the file.',
    });
  }
  if (!path.isAbsolute(filePath)) {
    throw new BangerError('internal', 'The library was given a path that depends on the current folder.', {
      file: filePath,
    });
  }
  return { path: filePath, sizeBytes, mtimeNs: clampedTime(mtimeNs) };
}

function clampedTime(timeNs: bigint): bigint {
  if (timeNs < earliestTimeNs) return earliestTimeNs;
  return timeNs > latestTimeNs ? latestTimeNs : timeNs;
}

function fileFromRow(row: FileRow): FileRecord {
  return {
    id: row.id,
    path: row.path,
    sizeBytes: row.size_bytes,
    mtimeNs: BigInt(row.mtime_ns),
    songId: row.song_id,
    flags: flagsFromColumn(row.flags),
    failure: failureFromRow(row),
    firstSeenAtMs: row.first_seen_at_ms,
    lastSeenAtMs: row.last_seen_at_ms,
    missingSinceMs: row.missing_since_ms,
  };
}

/** The failure in a row; a code that only a later version of the product knows reads as `internal`. */
function failureFromRow(row: FileRow): FileFailure | null {
  if (row.code === null) return null;
  const code = errorRecordSchema.shape.code.catch('internal').parse(row.code);
  const error: ErrorRecord = {
    code,
    message: row.message,
    file: row.path,
    ...(row.next_step !== null && { nextStep: row.next_step }),
    ...(row.details !== null && { details: row.details }),
  };
  return { error, attempts: row.attempts, failedAtMs: row.failed_at_ms };
}
