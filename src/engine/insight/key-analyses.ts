/** Looks at the keys of songs: which score how, major against minor, and key by tempo. */
import type { KeysInsight, TempoKeysInsight } from '../../shared/insight.ts';
import { musicalKeyName, parseMusicalKey, type KeyMode } from '../../shared/musical-key.ts';
import type { ScoredSongs, TextColumn } from '../library/query/scored-songs.ts';
import { compareScores, describeScores, fewestSongsOfSide } from './compare-groups.ts';
import { confidenceOfEach } from './critical-values.ts';
import { fewestSongsOfGroup, rankGroups } from './group-ranking.ts';
import { excludesZero, meanScore, Moments } from './means.ts';
import { binOf, niceEdges } from './nice-edges.ts';
import { verdictOf } from './verdict.ts';

/** Keys that sound the same are one; a key that has no such name stands as it was written. */
interface KeyColumn {
  /** For each song the place of its key in `keys`; -1 where none is known. */
  codes: Int32Array;
  keys: { name: string; mode: KeyMode | null; order: number }[];
}

/** Ranks keys and compares major with minor; the intervals of both hold together. */
export function analyseKeys(
  songs: ScoredSongs,
  thresholds: readonly number[],
  maximumRows: number,
): KeysInsight {
  const { codes, keys } = readKeys(songs.texts.key);
  const ofMode = (mode: KeyMode) =>
    songs.scores.filter((_, place) => keys[codes[place] ?? -1]?.mode === mode).sort();
  const [major, minor] = [ofMode('major'), ofMode('minor')];
  const modesAreCompared = Math.min(major.length, minor.length) >= fewestSongsOfSide;
  const { ranking, anyIsClear } = rankGroups(
    songs,
    { codes, names: keys.map(({ name }) => name) },
    { maximumRows, otherComparisons: modesAreCompared ? 1 : 0 },
  );
  const comparisons = ranking.comparedCount + (modesAreCompared ? 1 : 0);
  const difference = compareScores(major, minor, thresholds, confidenceOfEach(comparisons));
  const isClear = difference !== null && excludesZero(difference.difference);
  const known = countKnown(codes);
  return {
    kind: 'keys',
    verdict: verdictOf(known, comparisons > 0, isClear || anyIsClear),
    songs: known,
    songsWithout: codes.length - known,
    fewestSongs: 2 * fewestSongsOfGroup,
    ranking,
    modes: {
      major: describeScores('major', major, thresholds),
      minor: describeScores('minor', minor, thresholds),
      difference,
      isClear,
    },
  };
}

/** The mean score of every key within every span of tempo. */
export function analyseTempoKeys(songs: ScoredSongs): TempoKeysInsight {
  const { codes, keys } = readKeys(songs.texts.key);
  const { tempo } = songs.numbers;
  const known = Int32Array.from(codes.keys()).filter(
    (place) => (codes[place] ?? -1) >= 0 && Number.isFinite(tempo[place]),
  );
  const edges = niceEdges(Float64Array.from(known, (place) => tempo[place] ?? 0));
  const used = new Set<number>();
  for (const place of known) used.add(codes[place] ?? 0);
  const rows = [...used].sort((a, b) => (keys[a]?.order ?? 0) - (keys[b]?.order ?? 0) || a - b);
  const rowOf = new Map(rows.map((code, row) => [code, row]));
  const spans = Math.max(1, edges.length - 1);
  const cells = Array.from({ length: rows.length * spans }, () => new Moments());
  for (const place of known) {
    const row = rowOf.get(codes[place] ?? 0) ?? 0;
    cells[row * spans + binOf(edges, tempo[place] ?? 0)]?.add(songs.scores[place] ?? 0);
  }
  return {
    kind: 'tempo-keys',
    verdict: known.length === 0 ? 'nothing' : known.length < fewestSongsOfSide ? 'too-few' : 'described',
    songs: known.length,
    songsWithout: codes.length - known.length,
    fewestSongs: fewestSongsOfSide,
    keys: rows.map((code) => keys[code]?.name ?? ''),
    tempoEdgesBpm: edges,
    cells: cells.flatMap((moments, index) =>
      moments.count === 0
        ? []
        : {
            key: Math.floor(index / spans),
            tempo: index % spans,
            songs: moments.count,
            mean: meanScore(moments),
          },
    ),
    fewestSongsOfCell: fewestSongsOfGroup,
  };
}

/** Keys by their usual names, in the order of the circle of fifths: major from C, minor from A, then all else. */
export function readKeys({ codes, texts }: TextColumn): KeyColumn {
  const keys: KeyColumn['keys'] = [];
  const placeOf = new Map<string, number>();
  const places = texts.map((text) => {
    const key = parseMusicalKey(text);
    const name = key === null ? text : musicalKeyName(key);
    let place = placeOf.get(name);
    if (place === undefined) {
      // A fifth is seven semitones; the minor key with the signs of C major is A minor.
      const order =
        key === null
          ? Infinity
          : key.mode === 'major'
            ? (key.tonic * 7) % 12
            : 12 + (((key.tonic + 3) * 7) % 12);
      place = keys.push({ name, mode: key?.mode ?? null, order }) - 1;
      placeOf.set(name, place);
    }
    return place;
  });
  return { codes: codes.map((code) => (code < 0 ? -1 : (places[code] ?? -1))), keys };
}

/** How many songs have a text. */
export function countKnown(codes: Int32Array): number {
  return codes.reduce((count, code) => count + (code >= 0 ? 1 : 0), 0);
}
