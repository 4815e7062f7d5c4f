/** Looks at a quantity of songs against their scores. */
import type { QuantityBin, SongPoint } from '../../shared/insight-parts.ts';
import type { RelationInsight } from '../../shared/insight.ts';
import { excludesZero, meanScore, Moments } from './means.ts';
import { binOf, niceEdges } from './nice-edges.ts';
import { spearman } from './rank-correlation.ts';
import { verdictOf } from './verdict.ts';

/** Fewer songs say nothing about a correlation, however it comes out. */
const fewestSongs = 10;

export interface RelationOptions {
  kind: RelationInsight['kind'];
  maximumPoints: number;
}

/** @param quantity one for each song, NaN where it is not known */
export function relate(
  { ids, scores }: { ids: Int32Array; scores: Float64Array },
  quantity: Float64Array,
  { kind, maximumPoints }: RelationOptions,
): RelationInsight {
  const known = Int32Array.from(scores.keys()).filter((place) => Number.isFinite(quantity[place]));
  const x = Float64Array.from(known, (place) => quantity[place] ?? NaN);
  const y = Float64Array.from(known, (place) => scores[place] ?? NaN);
  const songs = known.length;
  const correlation = songs < fewestSongs ? null : spearman(x, y);
  return {
    kind,
    verdict: verdictOf(songs, songs >= fewestSongs, correlation !== null && excludesZero(correlation)),
    songs,
    songsWithout: scores.length - songs,
    fewestSongs,
    spearman: correlation,
    bins: meansByBin(x, y),
    points: spreadEvenly(songs, maximumPoints).map((index): SongPoint => ({
      songId: ids[known[index] ?? 0] ?? 0,
      x: x[index] ?? 0,
      score: y[index] ?? 0,
    })),
  };
}

/** The mean score of each span of the quantity. */
function meansByBin(x: Float64Array, y: Float64Array): QuantityBin[] {
  const edges = niceEdges(x);
  const bins = edges.slice(1).map(() => new Moments());
  for (const [row, value] of x.entries()) bins[binOf(edges, value)]?.add(y[row] ?? 0);
  return bins.map((moments, bin) => ({
    from: edges[bin] ?? 0,
    to: edges[bin + 1] ?? 0,
    songs: moments.count,
    mean: moments.count === 0 ? null : meanScore(moments),
  }));
}

/** At most so many of `count` places, evenly over all of them. */
export function spreadEvenly(count: number, maximum: number): number[] {
  const kept = Math.min(count, maximum);
  return Array.from({ length: kept }, (_, place) => Math.floor((place * count) / kept));
}
