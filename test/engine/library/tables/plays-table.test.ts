/** Plays: counted one by one, told to whoever shows the song, gone with their song alone. */
import { expect, test } from 'vitest';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { identityOf, sampleProbe, withLibrary } from '../../../support/library-samples.ts';

const inFolder = useFreshFolder();

test('plays are counted, with the time of the last one, and survive the library being closed', () => {
  let songId = 0;
  withLibrary(inFolder('library.sqlite'), (library) => {
    ({ songId } = library.songs.findOrCreate([identityOf('heard')], sampleProbe));
    expect(library.plays.ofSong(songId)).toEqual({ count: 0, lastPlayedAtMs: null });
    const before = library.changes.current();
    const first = library.plays.record(songId);
    expect(first.count).toBe(1);
    expect(library.changes.current().verdicts).toBeGreaterThan(before.verdicts);
    const second = library.plays.record(songId);
    expect(second.count).toBe(2);
    expect(second.lastPlayedAtMs).toBeGreaterThanOrEqual(first.lastPlayedAtMs ?? Infinity);
  });
  withLibrary(inFolder('library.sqlite'), (library) => {
    expect(library.plays.ofSong(songId).count).toBe(2);
    expect(() => library.plays.record(songId + 1)).toThrow(expect.objectContaining({ code: 'song-unknown' }));
    expect(library.findDamage()).toEqual([]);
  });
});
