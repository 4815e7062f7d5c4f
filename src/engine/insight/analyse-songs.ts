/** Analyses the scores of any set of songs: what the commands about insight answer. */
import type { InsightQuery } from '../../shared/insight-commands.ts';
import type { ComparisonInsight, Insight, InsightAnalysis, InsightKind } from '../../shared/insight.ts';
import type { SongFilter } from '../../shared/song-query.ts';
import type { Library } from '../library/library.ts';
import type { ReadScoredSongs, SongText } from '../library/query/scored-songs.ts';
import { compareScores, describeScores, fewestSongsOfSide, separateGroups } from './compare-groups.ts';
import { fewestSongsOfGroup, rankGroups } from './group-ranking.ts';
import { analyseKeys, analyseTempoKeys, countKnown } from './key-analyses.ts';
import { excludesZero, meanScore, Moments } from './means.ts';
import { compareWithReference, type ReferenceScores } from './reference-analysis.ts';
import { relate } from './relation.ts';
import { scoreBins, spreadOf } from './score-spread.ts';
import { hitRates } from './shares.ts';
import { rankTerms } from './term-ranking.ts';
import { compareTopBottom } from './top-bottom.ts';
import { Turns } from './turns.ts';
import { verdictOf } from './verdict.ts';

/** Fewer songs have no distribution worth a sentence. */
const fewestSongs = 10;

/** Analyses that need to know nothing else of a song. */
const needScoresAlone: readonly InsightKind[] = ['scores', 'hit-rates', 'reference', 'comparison'];

/** What the reference is called where the rest of the library stands in for it. */
const otherSongs = 'the other songs of the library';

/**
 * The analyses that are asked for, from the scores of one ranking: all of them take about a second for 100,000 songs,
 * and other work has its turn meanwhile.
 *
 * @throws BangerError `cancelled`
 */
export async function analyseSongs(
  library: Library,
  query: InsightQuery,
  signal?: AbortSignal,
): Promise<Insight> {
  const turns = new Turns(signal);
  const asked = [...new Set(query.analyses)];
  const read = await turns.run(
    library.scoredSongs.read({
      filter: query.filter,
      ranking: query.ranking,
      groups: groupFilters(query, asked),
      readsColumns: asked.some((kind) => !needScoresAlone.includes(kind)),
    }),
  );
  const run = new Analyses(read, query, turns);
  const analyses: InsightAnalysis[] = [];
  for (const kind of asked) {
    const analysis = await run.analyse(kind);
    if (analysis !== null) analyses.push(analysis);
    await turns.pass();
  }
  return {
    ranking: read.ranking,
    total: read.total,
    scoredTotal: read.songs.ids.length,
    analyses,
    revision: read.revision,
  };
}

/** The filters of the further groups: the reference's, then both of the comparison. */
function groupFilters(
  { referenceSongs, comparison }: InsightQuery,
  asked: readonly InsightKind[],
): SongFilter[] {
  return [
    asked.includes('reference') ? (referenceSongs?.filter ?? {}) : { songIds: [] },
    ...(asked.includes('comparison') && comparison !== undefined
      ? [comparison.first.filter, comparison.second.filter]
      : []),
  ];
}

class Analyses {
  readonly #read: ReadScoredSongs;
  readonly #query: InsightQuery;
  readonly #turns: Turns;
  readonly #ascending: Float64Array;

  constructor(read: ReadScoredSongs, query: InsightQuery, turns: Turns) {
    this.#read = read;
    this.#query = query;
    this.#turns = turns;
    this.#ascending = read.songs.scores.slice().sort();
  }

  /** One analysis; null for a comparison without groups. */
  async analyse(kind: InsightKind): Promise<InsightAnalysis | null> {
    const { songs } = this.#read;
    const { thresholds, topShare, maximumRows, maximumPoints } = this.#query;
    switch (kind) {
      case 'scores':
        return {
          kind,
          ...this.#description(),
          mean: this.#ascending.length === 0 ? null : meanScore(Moments.of(this.#ascending)),
          spread: spreadOf(this.#ascending),
          bins: scoreBins(this.#ascending),
        };
      case 'hit-rates':
        return { kind, ...this.#description(), rates: hitRates(this.#ascending, thresholds) };
      case 'genres':
        return this.#groups(kind, 'genre');
      case 'prompts':
        return this.#groups(kind, 'prompt');
      case 'terms':
        return rankTerms(songs.scores, songs.texts.prompt, { maximumRows, turns: this.#turns });
      case 'tempo':
      case 'duration':
      case 'loudness':
      case 'generation-time':
        return relate(songs, songs.numbers[kind], { kind, maximumPoints });
      case 'keys':
        return analyseKeys(songs, thresholds, maximumRows);
      case 'tempo-keys':
        return analyseTempoKeys(songs);
      case 'top-bottom':
        return compareTopBottom(songs, { share: topShare, maximumRows, turns: this.#turns });
      case 'reference':
        return compareWithReference(this.#ascending, this.#reference(), thresholds);
      case 'comparison':
        return this.#comparison();
    }
  }

  #description() {
    const songs = this.#ascending.length;
    const verdict = songs === 0 ? 'nothing' : songs < fewestSongs ? 'too-few' : 'described';
    return { verdict, songs, songsWithout: 0, fewestSongs } as const;
  }

  #groups(kind: 'genres' | 'prompts', text: SongText): InsightAnalysis {
    const { songs } = this.#read;
    const { codes, texts } = songs.texts[text];
    const { ranking, anyIsClear } = rankGroups(
      songs,
      { codes, names: texts },
      { maximumRows: this.#query.maximumRows },
    );
    const known = countKnown(codes);
    return {
      kind,
      verdict: verdictOf(known, ranking.comparedCount > 0, anyIsClear),
      songs: known,
      songsWithout: codes.length - known,
      fewestSongs: 2 * fewestSongsOfGroup,
      ranking,
    };
  }

  /** What was asked for, else what percentiles are stated against, else the songs that the filter leaves out. */
  #reference(): ReferenceScores | null {
    const { referenceSongs } = this.#query;
    const { reference: loaded, songs, groups } = this.#read;
    if (referenceSongs === undefined && loaded !== null) {
      return { name: loaded.name, source: 'loaded', scores: Float64Array.from(loaded.scores) };
    }
    const group = groups[0];
    if (group === undefined) return null;
    const within = new Set(songs.ids);
    const scores = group.scores.filter((_, place) => !within.has(group.ids[place] ?? 0)).sort();
    return { name: referenceSongs?.name ?? otherSongs, source: 'songs', scores };
  }

  #comparison(): ComparisonInsight | null {
    const { comparison, thresholds } = this.#query;
    const [, firstGroup, secondGroup] = this.#read.groups;
    if (comparison === undefined || firstGroup === undefined || secondGroup === undefined) return null;
    const { first, second, shared } = separateGroups(firstGroup, secondGroup);
    const difference = compareScores(first, second, thresholds);
    const songs = first.length + second.length;
    return {
      kind: 'comparison',
      verdict: verdictOf(
        songs,
        difference !== null,
        difference !== null && excludesZero(difference.difference),
      ),
      songs,
      songsWithout: 0,
      fewestSongs: fewestSongsOfSide,
      first: describeScores(comparison.first.name, first, thresholds),
      second: describeScores(comparison.second.name, second, thresholds),
      shared,
      difference,
    };
  }
}
