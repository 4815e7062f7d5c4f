/** Turns a filter into SQL over `song_list AS list` and `scores AS ranked`, the scores of the ranking in use. */
import type { NumberRange, SongFilter } from '../../../shared/song-query.ts';
import { pathRangeBelow } from '../tables/path-range.ts';
import { parseSearchText } from './search-text.ts';

/** A condition with its named parameters. */
export interface FilterSql {
  where: string;
  parameters: Record<string, string | number>;
  /** Whether the condition reads scores, so that they have to be joined. */
  readsScores: boolean;
}

/** What a filter leaves open. */
export interface FilterContext {
  /** The batch that `latest` means, null while there is none. */
  latestBatchId: () => number | null;
}

/** Collects conditions and gives every value a parameter of its own. */
class Conditions {
  readonly parts: string[] = [];
  readonly parameters: Record<string, string | number> = {};
  readsScores = false;

  add(condition: string): void {
    this.parts.push(`(${condition})`);
  }

  /** The placeholder for a value. */
  bind(value: string | number): string {
    const name = `filter${Object.keys(this.parameters).length}`;
    this.parameters[name] = value;
    return `@${name}`;
  }

  addRange(column: string, range: NumberRange | undefined): void {
    if (range === undefined) return;
    const { min, max } = range;
    this.add(`${column} IS NOT NULL`);
    if (min !== undefined) this.add(`${column} >= ${this.bind(min)}`);
    if (max !== undefined) this.add(`${column} <= ${this.bind(max)}`);
  }

  /** Any of several values; none at all matches nothing. */
  addAnyOf(
    column: string,
    values: readonly (string | number)[] | undefined,
    collation: 'BINARY' | 'NOCASE' = 'BINARY',
  ): void {
    if (values === undefined) return;
    const list = this.bind(JSON.stringify(values));
    this.add(`${column} COLLATE ${collation} IN (SELECT value FROM json_each(${list}))`);
  }
}

/**
 * The condition that a filter stands for.
 *
 * @param filter checked by its schema
 */
export function filterSql(filter: SongFilter, context: FilterContext): FilterSql {
  const conditions = new Conditions();
  addMissing(conditions, filter);
  addText(conditions, filter.text);
  if (filter.score !== undefined) {
    conditions.readsScores = true;
    conditions.addRange('ranked.score', filter.score);
  }
  conditions.addAnyOf('list.verdict', filter.verdicts);
  conditions.addRange('list.stars', filter.stars);
  if (filter.hasNote !== undefined) conditions.add(`list.has_note = ${filter.hasNote ? 1 : 0}`);
  addFolder(conditions, filter);
  addFlags(conditions, filter);
  conditions.addRange('list.duration_seconds', filter.durationSeconds);
  conditions.addRange('list.tempo_bpm', filter.tempoBpm);
  conditions.addAnyOf('list.musical_key', filter.musicalKeys, 'NOCASE');
  conditions.addAnyOf('list.genre', filter.genres, 'NOCASE');
  conditions.addAnyOf('list.generator', filter.generators, 'NOCASE');
  if (filter.batch !== undefined) {
    const id = filter.batch === 'latest' ? context.latestBatchId() : filter.batch;
    conditions.add(id === null ? 'FALSE' : `list.batch_id = ${conditions.bind(id)}`);
  }
  addScoredBy(conditions, filter);
  conditions.addRange('list.added_at_ms', filter.addedAtMs);
  conditions.addAnyOf('list.song_id', filter.songIds);
  return {
    where: conditions.parts.length === 0 ? 'TRUE' : conditions.parts.join(' AND '),
    parameters: conditions.parameters,
    readsScores: conditions.readsScores,
  };
}

function addMissing(conditions: Conditions, { missing = 'hidden' }: SongFilter): void {
  if (missing !== 'shown') conditions.add(`list.is_missing = ${missing === 'only' ? 1 : 0}`);
}

function addText(conditions: Conditions, text: string | undefined): void {
  if (text === undefined) return;
  const { match, likes } = parseSearchText(text);
  const found =
    match === null ? null : `SELECT rowid FROM song_search WHERE song_search MATCH ${conditions.bind(match)}`;
  if (likes.length === 0) {
    if (found !== null) conditions.add(`list.song_id IN (${found})`);
    return;
  }
  const holds = likes.map((patterns) => {
    const alternatives = patterns.map((pattern) => `text LIKE ${conditions.bind(pattern)} ESCAPE '\\'`);
    return `(${alternatives.join(' OR ')})`;
  });
  if (found !== null) holds.unshift(`song_id IN (${found})`);
  conditions.add(`list.song_id IN (SELECT song_id FROM song_texts WHERE ${holds.join(' AND ')})`);
}

/** A range of paths instead of a pattern, so that no character of a name means anything and the index is used. */
function addFolder(conditions: Conditions, { folder, missing = 'hidden' }: SongFilter): void {
  if (folder === undefined) return;
  const { from, to } = pathRangeBelow(folder);
  const first = conditions.bind(from);
  const end = conditions.bind(to);
  const isThere = missing === 'hidden' ? ' AND missing_since_ms IS NULL' : '';
  conditions.add(
    `list.song_id IN (SELECT song_id FROM files WHERE path >= ${first} AND path < ${end}${isThere})`,
  );
}

/** Flags are looked for as text, since reading 100,000 lists as JSON would take longer than all else. */
function addFlags(conditions: Conditions, { flags, withoutFlags = [] }: SongFilter): void {
  const holds = (flag: string) => `instr(list.flags, '"${flag}"') > 0`;
  if (flags !== undefined) conditions.add(flags.length === 0 ? 'FALSE' : flags.map(holds).join(' OR '));
  for (const flag of withoutFlags) conditions.add(`NOT ${holds(flag)}`);
}

function addScoredBy(conditions: Conditions, { scoredBy }: SongFilter): void {
  const draftSpaces = `(SELECT embedding_spaces.id FROM embedding_spaces
    JOIN encoders ON encoders.id = encoder_id WHERE is_draft = 1)`;
  const hasScore = (condition: string) =>
    `EXISTS (SELECT 1 FROM scores WHERE scores.song_id = list.song_id AND ${condition})`;
  switch (scoredBy) {
    case undefined:
      return;
    case 'ranking':
      conditions.readsScores = true;
      conditions.add('ranked.score IS NOT NULL');
      return;
    case 'model':
      conditions.add(hasScore(`space_id NOT IN ${draftSpaces}`));
      return;
    case 'draft-only':
      conditions.add(
        `${hasScore(`space_id IN ${draftSpaces}`)} AND NOT ${hasScore(`space_id NOT IN ${draftSpaces}`)}`,
      );
      return;
    case 'nothing':
      conditions.add(`NOT ${hasScore('TRUE')}`);
  }
}
