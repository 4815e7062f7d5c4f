/** Schema version 2, second part: what lists and searches read, derived from the other tables and kept by triggers. */

/*
 * - `song_list` has one narrow row for each song with everything that filters and orders read, so that a list of
 *   100,000 songs is one scan. It holds nothing of its own: `song_list_source` says what each row must be.
 * - `song_texts` has what searches read, and `song_search` its index over every three characters, so that parts of
 *   words are found in any script.
 * - A trigger derives a song's whole row anew, whatever changed; a row that stays as it was counts as no change.
 * - `rankings` says when scores of a space and a head were last made.
 */

/** The columns of `song_list` besides its key. */
const listColumns = [
  ...['is_missing', 'verdict', 'stars', 'has_note', 'added_at_ms', 'duration_seconds', 'integrated_lufs'],
  ...['tempo_bpm', 'musical_key', 'genre', 'generator', 'batch_id', 'flags', 'title', 'artist', 'path'],
];

/** The best file's name without its extension; in a path that does not begin with a slash, both kinds part. */
const nameOfBestFile = `
  (SELECT CASE WHEN instr(substr(name, 2), '.') > 0
     THEN rtrim(rtrim(name, replace(name, '.', '')), '.') ELSE name END
   FROM (SELECT substr(slashed, length(rtrim(slashed, replace(slashed, '/', ''))) + 1) AS name
         FROM (SELECT CASE WHEN best.path LIKE '/%' THEN best.path
           ELSE replace(best.path, '\\', '/') END AS slashed)))`;

const listColumnsOf = (row: string) => listColumns.map((column) => `${row}.${column}`).join(', ');

/** Derives the list rows of the named songs anew; a song that is just being deleted has none to derive. */
const deriveRows = (songIds: string) => `
  UPDATE song_list SET (${listColumns.join(', ')}) =
    (SELECT ${listColumns.join(', ')} FROM song_list_source AS source WHERE source.song_id = song_list.song_id)
  WHERE song_id IN (${songIds}) AND EXISTS (SELECT 1 FROM songs WHERE songs.id = song_list.song_id);`;

/** Derives the search texts of the named songs anew. */
const deriveTexts = (songIds: string) => `
  UPDATE song_texts SET text =
    (SELECT text FROM song_text_source AS source WHERE source.song_id = song_texts.song_id)
  WHERE song_id IN (${songIds}) AND EXISTS (SELECT 1 FROM songs WHERE songs.id = song_texts.song_id);`;

const deriveAll = (songIds: string) => deriveRows(songIds) + deriveTexts(songIds);

/** Triggers for all changes of a table whose rows belong to a song. */
function deriving(
  table: string,
  watchedColumns: readonly string[],
  derive: (songIds: string) => string,
): string {
  const columnsOf = (row: string) => watchedColumns.map((column) => `${row}.${column}`).join(', ');
  return `
CREATE TRIGGER ${table}_inserted AFTER INSERT ON ${table} BEGIN${derive('NEW.song_id')}
END;
CREATE TRIGGER ${table}_updated AFTER UPDATE OF ${watchedColumns.join(', ')} ON ${table}
WHEN (${columnsOf('OLD')}) IS NOT (${columnsOf('NEW')}) BEGIN${derive('OLD.song_id, NEW.song_id')}
END;
CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} BEGIN${derive('OLD.song_id')}
END;`;
}

/**
 * Triggers that count changes of a table as news on a topic.
 *
 * @param update which updates count
 */
function counting(table: string, topic: string, update = `UPDATE ON ${table}`): string {
  return [`INSERT ON ${table}`, update, `DELETE ON ${table}`]
    .map((event) => {
      const name = `${table}_${event.slice(0, 6).toLowerCase()}_counted`;
      return `
CREATE TRIGGER ${name} AFTER ${event} BEGIN
  UPDATE changes SET revision = revision + 1 WHERE topic = '${topic}';
END;`;
    })
    .join('');
}

export const songListAndSearch = `
CREATE TABLE song_list (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  is_missing INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  stars INTEGER NOT NULL,
  has_note INTEGER NOT NULL,
  added_at_ms INTEGER NOT NULL,
  duration_seconds REAL,
  integrated_lufs REAL,
  tempo_bpm REAL,
  musical_key TEXT,
  genre TEXT,
  generator TEXT,
  batch_id INTEGER,
  flags TEXT NOT NULL,
  title TEXT COLLATE NOCASE,
  artist TEXT COLLATE NOCASE,
  path TEXT
) STRICT;

CREATE VIEW song_list_source AS
  SELECT songs.id AS song_id, best.id IS NULL OR best.missing_since_ms IS NOT NULL AS is_missing,
    coalesce(verdict, 'undecided') AS verdict, coalesce(stars, 0) AS stars,
    coalesce(note, '') <> '' AS has_note, added_at_ms, duration_seconds, integrated_lufs, tempo_bpm,
    nullif(trim(musical_key), '') AS musical_key, nullif(trim(genre), '') AS genre, generator, batch_id,
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
    LEFT JOIN batch_songs ON batch_songs.song_id = songs.id;

CREATE TABLE song_texts (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;

CREATE VIEW song_text_source AS
  SELECT songs.id AS song_id, concat_ws(char(10),
    (SELECT group_concat(path, char(10)) FROM (SELECT path FROM files WHERE song_id = songs.id ORDER BY path)),
    title, artist, album, genre, comment, prompt) AS text
  FROM songs LEFT JOIN generations ON generations.song_id = songs.id;

CREATE VIRTUAL TABLE song_search USING fts5 (
  text, content = 'song_texts', content_rowid = 'song_id', tokenize = 'trigram remove_diacritics 1'
);
INSERT INTO song_list (song_id, ${listColumns.join(', ')})
  SELECT song_id, ${listColumns.join(', ')} FROM song_list_source;
INSERT INTO song_texts (song_id, text) SELECT song_id, text FROM song_text_source;
INSERT INTO song_search (song_search) VALUES ('rebuild');

CREATE TRIGGER song_texts_inserted AFTER INSERT ON song_texts BEGIN
  INSERT INTO song_search (rowid, text) VALUES (NEW.song_id, NEW.text);
END;
CREATE TRIGGER song_texts_updated AFTER UPDATE OF text ON song_texts WHEN OLD.text <> NEW.text BEGIN
  INSERT INTO song_search (song_search, rowid, text) VALUES ('delete', OLD.song_id, OLD.text);
  INSERT INTO song_search (rowid, text) VALUES (NEW.song_id, NEW.text);
END;
CREATE TRIGGER song_texts_deleted AFTER DELETE ON song_texts BEGIN
  INSERT INTO song_search (song_search, rowid, text) VALUES ('delete', OLD.song_id, OLD.text);
END;

CREATE TRIGGER songs_inserted AFTER INSERT ON songs BEGIN
  INSERT INTO song_list (song_id, ${listColumns.join(', ')})
    SELECT song_id, ${listColumns.join(', ')} FROM song_list_source WHERE song_id = NEW.id;
  INSERT INTO song_texts (song_id, text) SELECT song_id, text FROM song_text_source WHERE song_id = NEW.id;
END;
CREATE TRIGGER songs_updated AFTER UPDATE ON songs BEGIN${deriveAll('NEW.id')}
END;
${deriving('files', ['song_id', 'path', 'flags', 'missing_since_ms'], deriveAll)}
${deriving('generations', ['song_id', 'tempo_bpm', 'musical_key', 'generator', 'prompt'], deriveAll)}
${deriving('verdicts', ['song_id', 'verdict', 'stars', 'note'], deriveRows)}
${deriving('batch_songs', ['song_id', 'batch_id'], deriveRows)}

CREATE TABLE rankings (
  space_id INTEGER NOT NULL REFERENCES embedding_spaces (id) ON DELETE CASCADE,
  head_id INTEGER NOT NULL REFERENCES heads (id) ON DELETE CASCADE,
  last_used_at_ms INTEGER NOT NULL,
  PRIMARY KEY (space_id, head_id)
) STRICT, WITHOUT ROWID;
INSERT INTO rankings (space_id, head_id, last_used_at_ms)
  SELECT space_id, head_id, max(created_at_ms) FROM scores GROUP BY space_id, head_id;
${counting('song_list', 'songs', `UPDATE ON song_list WHEN (${listColumnsOf('OLD')}) IS NOT (${listColumnsOf('NEW')})`)}
${counting('verdicts', 'verdicts')}
${counting('jobs', 'jobs', 'UPDATE OF state, outcome, priority ON jobs')}
${counting('watched_folders', 'folders')}
${counting('saved_filters', 'filters')}
`;
