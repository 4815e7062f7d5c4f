/** Songs: what is known about the audio itself, and the identities by which it is found again. */
import type { AudioProbe, SongTags } from '../../../shared/audio.ts';
import { BangerError } from '../../../shared/errors.ts';
import type { SongIdentity, SongMeasurements, SongRecord } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';
import { flagsFromColumn, flagsToColumn } from './song-flags.ts';

interface ProbeColumns {
  duration_seconds: number | null;
  sample_rate_hz: number;
  channels: number;
  container: string;
  codec: string;
  sample_format: string;
  title: string | null;
  artist: string | null;
  album: string | null;
  genre: string | null;
  comment: string | null;
}

interface SongRow extends ProbeColumns {
  id: number;
  added_at_ms: number;
  measured_at_ms: number | null;
  integrated_lufs: number | null;
  true_peak_dbtp: number | null;
  flags: string;
}

const tagNames = ['title', 'artist', 'album', 'genre', 'comment'] as const;

export class SongsTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  byId(songId: number): SongRecord | null {
    const row = this.#statements.selectById.get({ songId });
    return row === undefined ? null : songFromRow(row);
  }

  /** The song that owns an identity, null when nobody does. */
  byIdentity(hash: string): SongRecord | null {
    const owner = this.#ownerOf(hash);
    return owner === null ? null : this.byId(owner);
  }

  /** All identities of a song, the newest scheme first. */
  identitiesOf(songId: number): SongIdentity[] {
    return this.#statements.selectIdentities.all({ songId });
  }

  /** The waveform peaks as they were stored, null until the song has been measured. */
  peaksOf(songId: number): Uint8Array | null {
    return this.#statements.selectPeaks.get({ songId })?.peaks ?? null;
  }

  /**
   * Finds the song by the first identity that is known, or creates it, and gives it those identities that are
   * still free. What the probe says replaces what an earlier one said, so that edited tags arrive.
   */
  findOrCreate(
    identities: readonly [SongIdentity, ...SongIdentity[]],
    probe: AudioProbe,
  ): { songId: number; isNew: boolean } {
    return this.#connection.write(() => {
      const known = identities.map(({ hash }) => this.#ownerOf(hash)).find((owner) => owner !== null);
      const columns = probeColumns(probe);
      const songId = known ?? this.#statements.insert.run({ ...columns, now: this.#now() }).lastInsertId;
      if (known !== undefined) this.#statements.updateProbe.run({ ...columns, songId });
      for (const identity of identities) this.#statements.insertIdentity.run({ ...identity, songId });
      return { songId, isNew: known === undefined };
    });
  }

  /**
   * Gives a song one more identity, such as one made by a newer scheme.
   *
   * @returns the song that owns the identity now; another one than `songId` when it was taken before, which
   *   changes nothing
   */
  addIdentity(songId: number, identity: SongIdentity): number {
    return this.#connection.write(() => {
      this.#statements.insertIdentity.run({ ...identity, songId });
      return this.#ownerOf(identity.hash) ?? songId;
    });
  }

  /**
   * Stores what a pass over the song's samples found, in place of what an earlier one did.
   *
   * @throws BangerError `library-failed` when there is no such song
   */
  updateMeasurements(songId: number, { loudness, peaks, flags, durationSeconds }: SongMeasurements): void {
    this.#connection.write(() => {
      const { changes } = this.#statements.updateMeasurements.run({
        songId,
        ...loudness,
        flags: flagsToColumn(flags),
        durationSeconds: durationSeconds ?? null,
        now: this.#now(),
      });
      if (changes === 0) {
        throw new BangerError('library-failed', 'A song that was measured is no longer in the library.', {
          file: this.#connection.file,
          details: `song ${songId}`,
        });
      }
      this.#statements.upsertPeaks.run({ songId, peaks });
    });
  }

  #ownerOf(hash: string): number | null {
    return this.#statements.selectOwner.get({ hash })?.song_id ?? null;
  }
}

function prepareStatements(connection: Connection) {
  return {
    selectById: connection.statement<{ songId: number }, SongRow>(`SELECT * FROM songs WHERE id = @songId`),
    selectOwner: connection.statement<{ hash: string }, { song_id: number }>(
      `SELECT song_id FROM identities WHERE hash = @hash`,
    ),
    selectIdentities: connection.statement<{ songId: number }, SongIdentity>(
      `SELECT scheme, hash FROM identities WHERE song_id = @songId ORDER BY scheme DESC, hash`,
    ),
    selectPeaks: connection.statement<{ songId: number }, { peaks: Buffer }>(
      `SELECT peaks FROM song_peaks WHERE song_id = @songId`,
    ),
    insert: connection.statement<ProbeColumns & { now: number }>(
      `INSERT INTO songs (
         added_at_ms, duration_seconds, sample_rate_hz, channels, container, codec, sample_format,
         title, artist, album, genre, comment
       ) VALUES (
         @now, @duration_seconds, @sample_rate_hz, @channels, @container, @codec, @sample_format,
         @title, @artist, @album, @genre, @comment
       )`,
    ),
    // A decoded length is never lost to what a container states or an encoder's padding adds.
    updateProbe: connection.statement<ProbeColumns & { songId: number }>(
      `UPDATE songs SET
         duration_seconds = CASE WHEN measured_at_ms IS NULL
           THEN coalesce(@duration_seconds, duration_seconds)
           ELSE coalesce(duration_seconds, @duration_seconds) END,
         sample_rate_hz = @sample_rate_hz,
         channels = @channels, container = @container, codec = @codec, sample_format = @sample_format,
         title = @title, artist = @artist, album = @album, genre = @genre, comment = @comment
       WHERE id = @songId`,
    ),
    insertIdentity: connection.statement<SongIdentity & { songId: number }>(
      `INSERT INTO identities (hash, scheme, song_id) VALUES (@hash, @scheme, @songId) ON CONFLICT DO NOTHING`,
    ),
    updateMeasurements: connection.statement<{
      songId: number;
      integratedLufs: number | null;
      truePeakDbtp: number | null;
      flags: string;
      durationSeconds: number | null;
      now: number;
    }>(
      `UPDATE songs SET
         integrated_lufs = @integratedLufs, true_peak_dbtp = @truePeakDbtp, flags = @flags,
         duration_seconds = coalesce(@durationSeconds, duration_seconds), measured_at_ms = @now
       WHERE id = @songId`,
    ),
    upsertPeaks: connection.statement<{ songId: number; peaks: Uint8Array }>(
      `INSERT INTO song_peaks (song_id, peaks) VALUES (@songId, @peaks)
       ON CONFLICT (song_id) DO UPDATE SET peaks = excluded.peaks`,
    ),
  };
}

function probeColumns(probe: AudioProbe): ProbeColumns {
  const { tags } = probe;
  return {
    duration_seconds: probe.durationSeconds,
    sample_rate_hz: probe.sampleRateHz,
    channels: probe.channels,
    container: probe.container,
    codec: probe.codec,
    sample_format: probe.sampleFormat,
    title: tags.title ?? null,
    artist: tags.artist ?? null,
    album: tags.album ?? null,
    genre: tags.genre ?? null,
    comment: tags.comment ?? null,
  };
}

function songFromRow(row: SongRow): SongRecord {
  const tags: SongTags = {};
  for (const name of tagNames) {
    const value = row[name];
    if (value !== null) tags[name] = value;
  }
  return {
    id: row.id,
    addedAtMs: row.added_at_ms,
    durationSeconds: row.duration_seconds,
    sampleRateHz: row.sample_rate_hz,
    channels: row.channels,
    container: row.container,
    codec: row.codec,
    sampleFormat: row.sample_format,
    tags,
    loudness:
      row.measured_at_ms === null
        ? null
        : { integratedLufs: row.integrated_lufs, truePeakDbtp: row.true_peak_dbtp },
    flags: flagsFromColumn(row.flags),
  };
}
