/** Schema version 3: tempo and key as measured, which stand in where a song's generator does not name them. */

/*
 * - A song has one analysis, of the version of the detector that made it, so that a better one can do it again.
 *   A value that was not found is null and still has a confidence: what is known then is that there is none.
 * - `song_list` has the tempo and the key that count: the generator's word first, else what was measured. Everything
 *   that filters, orders or shows reads them there, so that all agree.
 */
const deriveRows = (songId: string) => `
  UPDATE song_list SET (tempo_bpm, musical_key) =
    (SELECT tempo_bpm, musical_key FROM song_list_source AS source WHERE source.song_id = song_list.song_id)
  WHERE song_id = ${songId} AND EXISTS (SELECT 1 FROM songs WHERE songs.id = song_list.song_id);`;

const nameOfBestFile = `
  (SELECT CASE WHEN instr(substr(name, 2), '.') > 0
     THEN rtrim(rtrim(name, replace(name, '.', '')), '.') ELSE name END
   FROM (SELECT substr(slashed, length(rtrim(slashed, replace(slashed, '/', ''))) + 1) AS name
         FROM (SELECT CASE WHEN best.path LIKE '/%' THEN best.path
           ELSE replace(best.path, '\\', '/') END AS slashed)))`;

export const soundAnalyses = `
CREATE TABLE sound_analyses (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  detector_version INTEGER NOT NULL,
  analyzed_at_ms INTEGER NOT NULL,
  tempo_bpm REAL CHECK (tempo_bpm > 0),
  tempo_confidence REAL NOT NULL CHECK (tempo_confidence BETWEEN 0 AND 1),
  musical_key TEXT CHECK (musical_key <> ''),
  key_confidence REAL NOT NULL CHECK (key_confidence BETWEEN 0 AND 1)
) STRICT;

DROP VIEW song_list_source;
CREATE VIEW song_list_source AS
  SELECT songs.id AS song_id, best.id IS NULL OR best.missing_since_ms IS NOT NULL AS is_missing,
    coalesce(verdict, 'undecided') AS verdict, coalesce(stars, 0) AS stars,
    coalesce(note, '') <> '' AS has_note, added_at_ms, duration_seconds, integrated_lufs,
    coalesce(generations.tempo_bpm, sound_analyses.tempo_bpm) AS tempo_bpm,
    coalesce(nullif(trim(generations.musical_key), ''), sound_analyses.musical_key) AS musical_key,
    nullif(trim(genre), '') AS genre, generator, batch_id,
    CASE coalesce(best.flags, '[]') WHEN '[]' THEN songs.flags ELSE
      (SELECT json_group_array(value) FROM
        (SELECT value FROM json_each(songs.flags) UNION SELECT value FROM json_each(best.flags))) END AS flags,
    coalesce(nullif(trim(title), ''), ${nameOfBestFile}) AS title,
    nullif(trim(artist), '') AS artist, best.path AS path
  FROM songs
    LEFT JOIN files AS best ON best.id = (
      SELECT id FROM files WHERE song_id = songs.id ORDER BY missing_since_ms IS NOT NULL, path LIMIT 1)
    LEFT JOIN verdicts ON verdicts.song_id = songs.id
    LEFT JOIN generations ON generations.song_id = songs.id
    LEFT JOIN sound_analyses ON sound_analyses.song_id = songs.id
    LEFT JOIN batch_songs ON batch_songs.song_id = songs.id;

CREATE TRIGGER sound_analyses_inserted AFTER INSERT ON sound_analyses BEGIN${deriveRows('NEW.song_id')}
END;
CREATE TRIGGER sound_analyses_updated AFTER UPDATE ON sound_analyses BEGIN${deriveRows('NEW.song_id')}
END;
CREATE TRIGGER sound_analyses_deleted AFTER DELETE ON sound_analyses BEGIN${deriveRows('OLD.song_id')}
END;
`;
