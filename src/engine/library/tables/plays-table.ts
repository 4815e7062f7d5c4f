/** Plays: how often a person has heard each song, and when last. */
import { BangerError } from '../../../shared/errors.ts';
import type { SongPlays } from '../../../shared/plays.ts';
import type { Connection } from '../sqlite-connection.ts';

const neverPlayed: SongPlays = { count: 0, lastPlayedAtMs: null };

export class PlaysTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  ofSong(songId: number): SongPlays {
    return this.#statements.select.get({ songId }) ?? neverPlayed;
  }

  /** How many songs were played. */
  countSongs(): number {
    return this.#statements.countSongs.get({})?.songs ?? 0;
  }

  /**
   * Counts one play.
   *
   * @returns the plays with this one
   * @throws BangerError `song-unknown`
   */
  record(songId: number): SongPlays {
    return this.#connection.write(() => {
      const { changes } = this.#statements.count.run({ songId, now: this.#now() });
      if (changes === 0) throw new BangerError('song-unknown', 'The song is not in the library any more.');
      return this.ofSong(songId);
    });
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ songId: number }, SongPlays>(
      `SELECT play_count AS count, last_played_at_ms AS lastPlayedAtMs FROM plays WHERE song_id = @songId`,
    ),
    countSongs: connection.statement<object, { songs: number }>(`SELECT count(*) AS songs FROM plays`),
    count: connection.statement<{ songId: number; now: number }>(
      `INSERT INTO plays (song_id, play_count, last_played_at_ms)
       SELECT id, 1, @now FROM songs WHERE id = @songId
       ON CONFLICT (song_id) DO UPDATE SET
         play_count = play_count + 1, last_played_at_ms = excluded.last_played_at_ms`,
    ),
  };
}
