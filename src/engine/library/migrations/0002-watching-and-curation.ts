/** Schema version 2: watched folders, jobs, verdicts and their history, generation parameters, search and batches. */

/*
 * - A job is one version of one file to be scored by one pair of models. A file has one row for each pair, which
 *   begins anew when the file changes, so that the table does not grow with time.
 * - Verdicts point to songs and keep them from being deleted: what a person decided outlives every file.
 * - The history holds each change with what was before and after, so that it can be undone after a restart.
 * - Exported files are known, so that a copy that the product made is never taken for the song it was made from.
 * - The statistics of an embedding space can be made again at any time: its mean and how far apart songs usually are.
 * - Generation parameters stand beside a song, from the sidecar or the tags of any of its files.
 * - A song arrives in one batch, at a time that is kept, since a file's own time changes with its tags.
 * - `changes` counts writes to what lists show, so that another process can see cheaply that something is new.
 */
export const watchingAndCuration = `
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE watched_folders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
  ignore_patterns TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(ignore_patterns)),
  added_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL,
  encoder_name TEXT NOT NULL,
  head_name TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0,
  queued_at_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'finished')),
  lease_owner TEXT,
  lease_until_ms INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  outcome TEXT CHECK (outcome IN ('scored', 'known', 'skipped', 'failed', 'cancelled')),
  reason_code TEXT,
  reason TEXT,
  next_step TEXT,
  song_id INTEGER REFERENCES songs (id) ON DELETE SET NULL,
  CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
  CHECK ((state = 'finished') = (outcome IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX jobs_by_file ON jobs (path, encoder_name, head_name);
CREATE INDEX jobs_to_claim ON jobs (encoder_name, head_name, priority DESC, mtime_ns DESC, id)
  WHERE state = 'waiting';
CREATE INDEX jobs_running ON jobs (lease_until_ms) WHERE state = 'running';
CREATE INDEX jobs_by_song ON jobs (song_id);
CREATE INDEX jobs_finished ON jobs (finished_at_ms) WHERE state = 'finished';

CREATE TABLE verdicts (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE RESTRICT,
  verdict TEXT NOT NULL CHECK (verdict IN ('keep', 'reject', 'undecided')),
  stars INTEGER NOT NULL CHECK (stars BETWEEN 0 AND 5),
  note TEXT NOT NULL,
  changed_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX verdicts_by_verdict ON verdicts (verdict, song_id);

CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  done_at_ms INTEGER NOT NULL,
  label TEXT NOT NULL,
  is_undoable INTEGER NOT NULL DEFAULT 1 CHECK (is_undoable IN (0, 1)),
  is_undone INTEGER NOT NULL DEFAULT 0 CHECK (is_undone IN (0, 1)),
  entry TEXT NOT NULL CHECK (json_valid(entry))
) STRICT;
CREATE INDEX history_to_undo ON history (is_undone, id) WHERE is_undoable = 1;

CREATE TABLE exported_files (
  path TEXT PRIMARY KEY,
  song_id INTEGER NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
  is_original INTEGER NOT NULL CHECK (is_original IN (0, 1)),
  exported_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX exported_files_by_song ON exported_files (song_id);

CREATE TABLE space_statistics (
  space_id INTEGER PRIMARY KEY REFERENCES embedding_spaces (id) ON DELETE CASCADE,
  embedding_count INTEGER NOT NULL,
  median_distance REAL NOT NULL,
  mean BLOB NOT NULL
) STRICT;

CREATE TABLE comparisons (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  song_a INTEGER NOT NULL REFERENCES songs (id) ON DELETE RESTRICT,
  song_b INTEGER NOT NULL REFERENCES songs (id) ON DELETE RESTRICT,
  outcome TEXT NOT NULL CHECK (outcome IN ('a', 'b', 'even')),
  is_blind INTEGER NOT NULL CHECK (is_blind IN (0, 1)),
  compared_at_ms INTEGER NOT NULL,
  CHECK (song_a <> song_b)
) STRICT;
CREATE INDEX comparisons_by_song_a ON comparisons (song_a);
CREATE INDEX comparisons_by_song_b ON comparisons (song_b);

CREATE TABLE generations (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  generator TEXT NOT NULL,
  source_file TEXT NOT NULL,
  run_key TEXT,
  tempo_bpm REAL,
  musical_key TEXT,
  time_signature TEXT,
  seed TEXT,
  guidance_scale REAL,
  inference_steps INTEGER,
  model TEXT,
  generation_seconds REAL,
  prompt TEXT,
  lyrics TEXT,
  raw TEXT NOT NULL CHECK (json_valid(raw))
) STRICT;

CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_by_time ON batches (started_at_ms, ended_at_ms);
CREATE TABLE batch_songs (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  arrived_at_ms INTEGER NOT NULL,
  run_key TEXT
) STRICT;
CREATE INDEX batch_songs_by_batch ON batch_songs (batch_id);
CREATE INDEX batch_songs_by_run ON batch_songs (run_key, arrived_at_ms) WHERE run_key IS NOT NULL;
CREATE TRIGGER batch_emptied AFTER DELETE ON batch_songs
WHEN NOT EXISTS (SELECT 1 FROM batch_songs WHERE batch_id = OLD.batch_id) BEGIN
  DELETE FROM batches WHERE id = OLD.batch_id;
END;

CREATE TABLE saved_filters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL,
  filter TEXT NOT NULL CHECK (json_valid(filter))
) STRICT;

CREATE TABLE changes (
  topic TEXT PRIMARY KEY CHECK (topic IN ('songs', 'verdicts', 'jobs', 'folders', 'filters')),
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO changes (topic, revision) VALUES ('songs', 0), ('verdicts', 0), ('jobs', 0), ('folders', 0), ('filters', 0);
`;
