/** What options name in the library: a saved filter, and the models whose scores count. */
import { BangerError } from '../shared/errors.ts';
import type { Ranking, SongFilter } from '../shared/song-query.ts';
import type { CallLibrary } from './with-library.ts';

/** The saved filter of this name, an empty one where none is named. @throws BangerError `usage` */
export async function readSavedFilter(call: CallLibrary, name: string | undefined): Promise<SongFilter> {
  if (name === undefined) return {};
  const saved = (await call('list-saved-filters', {})).find((one) => one.name === name);
  if (saved?.filter) return saved.filter;
  throw new BangerError('usage', `There is no saved filter “${name}”.`);
}

/** The ranking that the named models made; undefined where none are named. @throws BangerError `usage` */
export async function chooseRanking(
  call: CallLibrary,
  { encoder, head }: { encoder?: string | undefined; head?: string | undefined },
): Promise<Ranking | undefined> {
  if (encoder === undefined && head === undefined) return undefined;
  const { rankings } = await call('list-rankings', {});
  const found = rankings.find(
    (one) => (encoder ?? one.encoder) === one.encoder && (head ?? one.head) === one.head,
  );
  if (found !== undefined) return found;
  const known = rankings.map((one) => `${one.encoder} with ${one.head}`).join(', ');
  throw new BangerError('usage', 'The library has no scores by these models.', {
    nextStep: known === '' ? 'Score some songs first.' : `It has scores by ${known}.`,
  });
}
