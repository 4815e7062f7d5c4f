/** Chooses the best songs: by number, share or score, of all or of each group, and not too alike. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BangerError } from '../../shared/errors.ts';
import type { Ranking, SongFilter, SongRow, Verdict } from '../../shared/song-query.ts';
import { defaultSongSort, maximumWindow, verdictNames } from '../../shared/song-query.ts';
import type { Grouping, LeftOut, Quota, SelectedSongs, SongSelection } from '../../shared/song-selection.ts';
import { leftOutReasons } from '../../shared/song-selection.ts';
import type { Library } from '../library/library.ts';
import { DiverseChoice } from './diverse-choice.ts';
import { throwIfCancelled } from './file-errors.ts';

type LeftOutCounts = Map<LeftOut['reason'], number>;

/**
 * Chooses songs in the order of one ranking: higher scores first, equal ones in order of song id, so that the same
 * library always gives the same choice.
 *
 * @throws BangerError `usage` for a ranking that holds no scores, `cancelled`
 */
export async function selectSongs(
  library: Library,
  selection: SongSelection,
  signal?: AbortSignal,
): Promise<SelectedSongs> {
  const ranking = requireRanking(library, selection);
  const { songIds, filter, leftOut } = findCandidates(library, selection, ranking);
  const diverse =
    selection.diverse === undefined || ranking === null
      ? null
      : await DiverseChoice.begin(library, ranking, selection.diverse, signal);
  const groups = await groupCandidates(library, songIds, selection.per, signal);
  const chosen = await choose(songIds, groups, selection.quota, { diverse, leftOut, signal });
  return {
    songs: await readRows(library, chosen, filter, ranking, signal),
    leftOut: leftOutReasons.flatMap((reason) => {
      const count = leftOut.get(reason) ?? 0;
      return count > 0 ? [{ reason, count }] : [];
    }),
    ranking,
    distance: diverse && {
      medianDistance: diverse.medianDistance,
      minimumDistance: diverse.minimumDistance,
    },
  };
}

function requireRanking(library: Library, { ranking: key }: SongSelection): Ranking | null {
  const ranking = library.lists.resolveRanking(key);
  if (ranking === null && key !== undefined) {
    throw new BangerError('usage', 'There are no scores of this ranking.', {
      nextStep: 'Score some songs with these models first.',
    });
  }
  return ranking;
}

interface Candidates {
  /** Best first. */
  songIds: number[];
  filter: SongFilter;
  leftOut: LeftOutCounts;
}

/** The songs that may be chosen, and how many of those that the filter names may not. */
function findCandidates(library: Library, selection: SongSelection, ranking: Ranking | null): Candidates {
  const { lists } = library;
  const count = (filter: SongFilter) => lists.count(filter, ranking ?? undefined);
  const named: SongFilter = { ...selection.filter };
  const missing = selection.includesMissing ? 'shown' : (named.missing ?? 'hidden');
  const verdicts = acceptedVerdicts(selection);
  const present: SongFilter = { ...named, missing };
  const accepted: SongFilter = { ...present, verdicts };
  const { total, scoredTotal } = lists.within(accepted, ranking);
  const candidates =
    selection.minimumScore === undefined ? accepted : atLeast(accepted, selection.minimumScore);
  const reaching = lists.within(candidates, ranking).scoredTotal;

  const takesUnscored = selection.includesUnscored && selection.minimumScore === undefined;
  const songIds = lists.songIds(
    { filter: candidates, sort: defaultSongSort, offset: 0, limit: takesUnscored ? total : reaching },
    ranking,
  );
  const leftOut: LeftOutCounts = new Map([
    ['missing', missing === 'hidden' ? count({ ...named, missing: 'only' }) : 0],
    ['rejected', count(present) - total],
    ['unscored', takesUnscored ? 0 : total - scoredTotal],
    ['below-score', scoredTotal - reaching],
  ]);
  return { songIds, filter: candidates, leftOut };
}

/** Rejected songs count where the filter names them; otherwise only when they are asked for. */
function acceptedVerdicts({ filter, includesRejected }: SongSelection): Verdict[] {
  if (filter.verdicts !== undefined) return filter.verdicts;
  return verdictNames.filter((verdict) => includesRejected || verdict !== 'reject');
}

function atLeast(filter: SongFilter, minimumScore: number): SongFilter {
  return {
    ...filter,
    score: { ...filter.score, min: Math.max(minimumScore, filter.score?.min ?? minimumScore) },
  };
}

/** The group of each candidate; one group for all where none are asked for. */
async function groupCandidates(
  library: Library,
  songIds: readonly number[],
  per: Grouping | undefined,
  signal: AbortSignal | undefined,
): Promise<(songId: number) => string> {
  if (per === undefined) return () => '';
  const rows = await readRows(library, songIds, {}, null, signal);
  const groups = new Map(rows.map((row) => [row.id, groupOf(row, per)]));
  return (songId) => groups.get(songId) ?? '';
}

function groupOf(row: SongRow, per: Grouping): string {
  switch (per) {
    case 'folder':
      return row.folder ?? '';
    case 'genre':
      return (row.genre ?? '').toLowerCase();
    case 'prompt':
      return row.prompt ?? '';
    case 'batch':
      return String(row.batchId ?? '');
  }
}

interface ChoiceOptions {
  diverse: DiverseChoice | null;
  leftOut: LeftOutCounts;
  signal: AbortSignal | undefined;
}

async function choose(
  songIds: readonly number[],
  groupOf: (songId: number) => string,
  quota: Quota,
  { diverse, leftOut, signal }: ChoiceOptions,
): Promise<number[]> {
  const room = roomByGroup(songIds, groupOf, quota);
  const chosen: number[] = [];
  const leave = (reason: LeftOut['reason']) => leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  for (const [index, songId] of songIds.entries()) {
    if (index % 100 === 0) {
      throwIfCancelled(signal);
      await nextTurn();
    }
    const group = groupOf(songId);
    const left = room.get(group) ?? 0;
    if (left === 0) leave('beyond-quota');
    else if (diverse !== null && !diverse.take(songId)) leave('too-similar');
    else {
      room.set(group, left - 1);
      chosen.push(songId);
    }
  }
  return chosen;
}

/** How many songs each group may still give. */
function roomByGroup(
  songIds: readonly number[],
  groupOf: (songId: number) => string,
  quota: Quota,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const songId of songIds) {
    const group = groupOf(songId);
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  return new Map([...sizes].map(([group, size]) => [group, roomFor(quota, size)]));
}

function roomFor(quota: Quota, size: number): number {
  switch (quota.kind) {
    case 'count':
      return quota.count;
    case 'percent':
      // Rounded first, because 7 % of 100 is a little more than 7 in binary numbers.
      return Math.ceil(Number(((size * quota.percent) / 100).toFixed(6)));
    case 'all':
      return size;
  }
}

/** Rows a window at a time, so that a long list does not hold up everything else. */
async function readRows(
  library: Library,
  songIds: readonly number[],
  filter: SongFilter,
  ranking: Ranking | null,
  signal: AbortSignal | undefined,
): Promise<SongRow[]> {
  const rows: SongRow[] = [];
  const key = ranking === null ? undefined : { spaceId: ranking.spaceId, headId: ranking.headId };
  for (let start = 0; start < songIds.length; start += maximumWindow) {
    throwIfCancelled(signal);
    rows.push(...library.lists.rowsOf(songIds.slice(start, start + maximumWindow), filter, key));
    await nextTurn();
  }
  return rows;
}
