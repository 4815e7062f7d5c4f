/** Schema version 4: how often a person has heard each song. */

/*
 * - A song that was never heard has no row. What was heard goes with its song: it decides nothing by itself.
 * - Plays count as news on verdicts: whoever shows what a person made of a song looks again.
 */
export const plays = `
CREATE TABLE plays (
  song_id INTEGER PRIMARY KEY REFERENCES songs (id) ON DELETE CASCADE,
  play_count INTEGER NOT NULL CHECK (play_count > 0),
  last_played_at_ms INTEGER NOT NULL
) STRICT;
CREATE TRIGGER plays_inserted AFTER INSERT ON plays BEGIN
  UPDATE changes SET revision = revision + 1 WHERE topic = 'verdicts';
END;
CREATE TRIGGER plays_updated AFTER UPDATE ON plays BEGIN
  UPDATE changes SET revision = revision + 1 WHERE topic = 'verdicts';
END;
`;
