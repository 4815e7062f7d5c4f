/** Changes verdicts, stars and notes, each change as one entry of the history. */
import { BangerError } from '../../shared/errors.ts';
import type { Judgement, JudgementChange, StoredJudgement } from '../../shared/judgement.ts';
import { untouchedJudgement } from '../../shared/judgement.ts';
import type { Library } from '../library/library.ts';
import type { JudgementsEntry } from './history-entry.ts';
import { addEntry } from './history-entry.ts';

export interface JudgedSongs {
  /** The new entry of the history; null when every song was like this before. */
  historyId: number | null;
  changedCount: number;
}

/**
 * Changes the judgement of any number of songs at once. Songs that are like this already are left as they are.
 *
 * @param now the clock, milliseconds since 1970
 * @throws BangerError `song-unknown`, and nothing has changed, when one of the songs is not in the library
 */
export function judgeSongs(
  library: Library,
  songIds: readonly number[],
  change: JudgementChange,
  now: () => number = Date.now,
): JudgedSongs {
  return library.transaction(() => {
    const changedAtMs = now();
    const changes = [...new Set(songIds)].flatMap((songId) => {
      const before = library.verdicts.get(songId);
      const after = changed(before, change, changedAtMs);
      if (isSameJudgement(before ?? untouchedJudgement, after)) {
        if (before === null) requireSong(library, songId);
        return [];
      }
      if (!library.verdicts.put(songId, after)) throw unknownSong(songId);
      return [{ songId, before, after }];
    });
    if (changes.length === 0) return { historyId: null, changedCount: 0 };
    const label = describeChange(change, changes.length);
    const historyId = addEntry(library, label, { kind: 'judgements', changes });
    return { historyId, changedCount: changes.length };
  });
}

/**
 * Restores every judgement to what it was before an entry, or after it. Songs that are no longer in the library are
 * passed over.
 *
 * @returns how many songs were restored
 */
export function restoreJudgements(
  library: Library,
  { changes }: JudgementsEntry,
  side: 'before' | 'after',
): number {
  return changes.filter((change) => library.verdicts.put(change.songId, change[side])).length;
}

/** @throws BangerError `song-unknown` */
export function requireSong(library: Library, songId: number): void {
  if (library.songs.byId(songId) === null) throw unknownSong(songId);
}

function unknownSong(songId: number): BangerError {
  return new BangerError('song-unknown', `There is no song ${songId} in the library.`, {
    nextStep: 'Name songs by their path or by the id that a list shows.',
  });
}

function changed(
  before: StoredJudgement | null,
  change: JudgementChange,
  changedAtMs: number,
): StoredJudgement {
  const { verdict, stars, note } = before ?? untouchedJudgement;
  return {
    verdict: change.verdict ?? verdict,
    stars: change.stars ?? stars,
    note: change.note ?? note,
    changedAtMs,
  };
}

function isSameJudgement(a: Judgement, b: Judgement): boolean {
  return a.verdict === b.verdict && a.stars === b.stars && a.note === b.note;
}

const verdictLabels = { keep: 'Keep', reject: 'Reject', undecided: 'Clear the verdict of' } as const;

/** `Keep 12 songs`, `Give 1 song 4 stars`, `Change the note of 2 songs`. */
function describeChange({ verdict, stars, note }: JudgementChange, count: number): string {
  const songs = count === 1 ? '1 song' : `${count.toLocaleString('en')} songs`;
  const parts = [
    verdict !== undefined && `${verdictLabels[verdict]} ${songs}`,
    stars !== undefined && `Give ${songs} ${stars === 1 ? '1 star' : `${stars} stars`}`,
    note !== undefined && `Change the note of ${songs}`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}
