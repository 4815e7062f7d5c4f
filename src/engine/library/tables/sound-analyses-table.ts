/** Sound analyses: tempo and key of songs as measured, and which songs are still to be measured. */
import type { SoundAnalysis, SoundMeasurement } from '../../../shared/sound-analysis.ts';
import { soundAnalysisSchema } from '../../../shared/sound-analysis.ts';
import type { Connection } from '../sqlite-connection.ts';

/** How many songs have been measured by a detector, and how many with a file that is there have not. */
export interface AnalysisCounts {
  analyzed: number;
  pending: number;
}

export class SoundAnalysesTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** What was measured of a song, null where nothing was yet. */
  ofSong(songId: number): SoundAnalysis | null {
    const row = this.#statements.select.get({ songId });
    return row === undefined ? null : soundAnalysisSchema.parse(row);
  }

  /** Whether a detector of this version or a later one has measured a song. */
  isAnalyzed(songId: number, detectorVersion: number): boolean {
    return (this.ofSong(songId)?.detectorVersion ?? 0) >= detectorVersion;
  }

  /** Stores what a detector measured, in place of what was known. @throws BangerError when there is no such song */
  put(songId: number, detectorVersion: number, measurement: SoundMeasurement): void {
    this.#connection.write(() => {
      this.#statements.upsert.run({ songId, detectorVersion, now: this.#now(), ...measurement });
    });
  }

  /**
   * Songs with a file that is there which a detector of this version has not measured, in order of their id.
   *
   * @param afterId where to go on: the last id of the answer before, 0 at first
   */
  pending(detectorVersion: number, afterId: number, limit: number): number[] {
    return this.#statements.selectPending.all({ detectorVersion, afterId, limit }).map(({ id }) => id);
  }

  count(detectorVersion: number): AnalysisCounts {
    return this.#statements.count.get({ detectorVersion }) ?? { analyzed: 0, pending: 0 };
  }
}

const isPending = `
  EXISTS (SELECT 1 FROM files WHERE files.song_id = songs.id AND missing_since_ms IS NULL)
  AND NOT EXISTS (SELECT 1 FROM sound_analyses
    WHERE sound_analyses.song_id = songs.id AND detector_version >= @detectorVersion)`;

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ songId: number }, SoundAnalysis>(
      `SELECT detector_version AS detectorVersion, analyzed_at_ms AS analyzedAtMs, tempo_bpm AS tempoBpm,
         tempo_confidence AS tempoConfidence, musical_key AS musicalKey, key_confidence AS keyConfidence
       FROM sound_analyses WHERE song_id = @songId`,
    ),
    upsert: connection.statement<SoundMeasurement & { songId: number; detectorVersion: number; now: number }>(
      `INSERT INTO sound_analyses (
         song_id, detector_version, analyzed_at_ms, tempo_bpm, tempo_confidence, musical_key, key_confidence
       ) VALUES (@songId, @detectorVersion, @now, @tempoBpm, @tempoConfidence, @musicalKey, @keyConfidence)
       ON CONFLICT (song_id) DO UPDATE SET
         detector_version = excluded.detector_version, analyzed_at_ms = excluded.analyzed_at_ms,
         tempo_bpm = excluded.tempo_bpm, tempo_confidence = excluded.tempo_confidence,
         musical_key = excluded.musical_key, key_confidence = excluded.key_confidence`,
    ),
    selectPending: connection.statement<
      { detectorVersion: number; afterId: number; limit: number },
      { id: number }
    >(`SELECT id FROM songs WHERE id > @afterId AND ${isPending} ORDER BY id LIMIT @limit`),
    count: connection.statement<{ detectorVersion: number }, AnalysisCounts>(
      `SELECT
         (SELECT count(*) FROM sound_analyses WHERE detector_version >= @detectorVersion) AS analyzed,
         (SELECT count(*) FROM songs WHERE ${isPending}) AS pending`,
    ),
  };
}
