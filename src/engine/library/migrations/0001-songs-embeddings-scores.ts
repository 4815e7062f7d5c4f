/** Schema version 1: songs and their identities, files, models, embeddings and scores. Released: never edit. */

/*
 * - All times are milliseconds since 1970, all tables STRICT, so that a column holds what its type says.
 * - Song and file ids are never used twice, so that a history may refer to what is gone.
 * - Peaks and vectors lie in tables of their own, and long texts last in their row: lists never read past them.
 * - An embedding space names once what makes vectors comparable; rows then carry one small number.
 * - Scores are kept by song, space and head, so that a list finds a song's score in one step, and ranked by head
 *   and space, which is what may be ranked together.
 * - With 4 KiB pages a vector of 1,024 floats keeps 489 bytes in the tree and the rest in one overflow page: 90 %
 *   of the file is vectors, and reading in order of id follows the order on disk. Larger pages and WITHOUT ROWID
 *   leave more room unused and are slower to read.
 * - Deleting a song takes along what was computed from it; a file outlives its song.
 */
export const songsEmbeddingsScores = `
CREATE TABLE songs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  added_at_ms INTEGER NOT NULL,
  measured_at_ms INTEGER,
  duration_seconds REAL,
  sample_rate_hz INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  integrated_lufs REAL,
  true_peak_dbtp REAL,
  container TEXT NOT NULL,
  codec TEXT NOT NULL,
  sample_format TEXT NOT NULL,
  flags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(flags)),
  title TEXT,
  artist TEXT,
  album TEXT,
  genre TEXT,
  comment TEXT
) STRICT;

CREATE TABLE song_peaks (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  peaks BLOB NOT NULL
) STRICT;

CREATE TABLE identities (
  hash TEXT PRIMARY KEY,
  scheme INTEGER NOT NULL,
  song_id INTEGER NOT NULL REFERENCES songs (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_song ON identities (song_id);

CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  song_id INTEGER REFERENCES songs (id) ON DELETE SET NULL,
  flags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(flags)),
  first_seen_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER NOT NULL,
  missing_since_ms INTEGER
) STRICT;
CREATE INDEX files_by_song ON files (song_id);

CREATE TABLE file_failures (
  file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  next_step TEXT,
  details TEXT,
  attempts INTEGER NOT NULL,
  failed_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE encoders (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  embedding_size INTEGER NOT NULL CHECK (embedding_size > 0),
  is_draft INTEGER NOT NULL CHECK (is_draft IN (0, 1))
) STRICT;

CREATE TABLE heads (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  embedding_size INTEGER NOT NULL CHECK (embedding_size > 0),
  is_draft INTEGER NOT NULL CHECK (is_draft IN (0, 1))
) STRICT;

CREATE TABLE embedding_spaces (
  id INTEGER PRIMARY KEY,
  encoder_id INTEGER NOT NULL REFERENCES encoders (id) ON DELETE CASCADE,
  decode_recipe TEXT NOT NULL,
  window_start_seconds REAL NOT NULL,
  window_length_seconds REAL NOT NULL,
  precision TEXT NOT NULL,
  UNIQUE (encoder_id, decode_recipe, window_start_seconds, window_length_seconds, precision)
) STRICT;

CREATE TABLE embeddings (
  id INTEGER PRIMARY KEY,
  song_id INTEGER NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
  space_id INTEGER NOT NULL REFERENCES embedding_spaces (id) ON DELETE CASCADE,
  created_at_ms INTEGER NOT NULL,
  provider TEXT NOT NULL,
  UNIQUE (song_id, space_id)
) STRICT;
CREATE INDEX embeddings_by_space ON embeddings (space_id);

CREATE TABLE embedding_vectors (
  embedding_id INTEGER PRIMARY KEY REFERENCES embeddings (id) ON DELETE CASCADE,
  vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0)
) STRICT;

CREATE TABLE scores (
  song_id INTEGER NOT NULL,
  space_id INTEGER NOT NULL,
  head_id INTEGER NOT NULL REFERENCES heads (id) ON DELETE CASCADE,
  raw_score REAL NOT NULL,
  score REAL NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (song_id, space_id, head_id),
  FOREIGN KEY (song_id, space_id) REFERENCES embeddings (song_id, space_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX scores_by_rank ON scores (head_id, space_id, score DESC, song_id);
`;
