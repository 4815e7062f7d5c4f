/** Says in a sentence or two what an analysis shows, or that there is too little to say anything. */
import { formatNumber } from './data-table.ts';
import { describeGroups, describeKeys, describeTerms, describeTopBottom } from './insight-group-words.ts';
import { describeLack, describeLeftOut } from './insight-lack.ts';
import {
  correlationStrength,
  count,
  counted,
  effectStrength,
  listed,
  percent,
  percentWithInterval,
  points,
  pointsApart,
  pointsWithInterval,
  quoted,
} from './insight-phrases.ts';
import type {
  ComparisonInsight,
  HitRatesInsight,
  Insight,
  InsightAnalysis,
  ReferenceInsight,
  RelationInsight,
  ScoresInsight,
  TempoKeysInsight,
} from './insight.ts';
import { quantityNames } from './quantity-names.ts';

/** How the figures in these sentences are meant; to be said once. */
export const intervalNote =
  'Ranges in parentheses hold the true figure with 95 %. Where many things are compared at once, the ranges of the ' +
  'differences are widened so that all of them hold together; only what is clear then is called clear.';

/**
 * What an analysis shows. It speaks of these songs only, never of causes; where nothing can be said, it says what
 * is missing.
 */
export function describeInsight(analysis: InsightAnalysis): string {
  return [describeFinding(analysis), describeLeftOut(analysis)].filter((part) => part !== '').join(' ');
}

/** Whose scores an insight is about, and of how many songs. */
export function describeBasis({ ranking, total, scoredTotal }: Insight): string {
  if (ranking === null) return 'There are no scores yet.';
  const { encoderLabel, headLabel, precision, isDraft } = ranking;
  const unscored =
    scoredTotal < total ? `; ${counted(total - scoredTotal, 'song')} without a score are left out` : '';
  const models = `${encoderLabel} with ${headLabel}, ${precision}`;
  return isDraft
    ? `${counted(scoredTotal, 'song')} with draft scores${unscored}. Draft scores are a rough first order.`
    : `${counted(scoredTotal, 'song')} with scores by ${models}${unscored}.`;
}

function describeFinding(analysis: InsightAnalysis): string {
  switch (analysis.kind) {
    case 'scores':
      return describeScores(analysis);
    case 'hit-rates':
      return describeHitRates(analysis);
    case 'genres':
    case 'prompts':
      return describeGroups(analysis);
    case 'terms':
      return describeTerms(analysis);
    case 'tempo':
    case 'duration':
    case 'loudness':
    case 'generation-time':
      return describeRelation(analysis);
    case 'keys':
      return describeKeys(analysis);
    case 'tempo-keys':
      return describeTempoKeys(analysis);
    case 'top-bottom':
      return describeTopBottom(analysis);
    case 'reference':
      return describeReference(analysis);
    case 'comparison':
      return describeComparison(analysis);
  }
}

function describeScores(analysis: ScoresInsight): string {
  const { spread, mean } = analysis;
  const lack = describeLack(analysis);
  if (lack !== null || spread === null || mean === null) return lack ?? '';
  return (
    `Scores here lie between ${points(spread.minimum)} and ${points(spread.maximum)}, the middle half of them ` +
    `between ${points(spread.lowerQuartile)} and ${points(spread.upperQuartile)}. ` +
    `Their mean is ${pointsWithInterval(mean)}.`
  );
}

function describeHitRates(analysis: HitRatesInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const rates = [...analysis.rates].sort((a, b) => a.threshold - b.threshold);
  const parts = rates.flatMap(({ threshold, rate }) =>
    rate === null ? [] : `${percentWithInterval(rate)} reach ${threshold}`,
  );
  return `Of these songs ${listed(parts)}.`;
}

function describeRelation(analysis: RelationInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const { spearman, verdict, kind } = analysis;
  const { label } = quantityNames[kind];
  if (spearman === null) return `All of these songs have the same ${label} or the same score.`;
  const interval =
    spearman.interval === null
      ? ''
      : `, ${formatNumber(spearman.interval.low, 2)} to ${formatNumber(spearman.interval.high, 2)}`;
  const correlation = `rank correlation ${formatNumber(spearman.value, 2)}${interval}`;
  if (verdict === 'unclear') {
    return `Scores here neither clearly rise nor clearly fall with the ${label} (${correlation}).`;
  }
  const direction = spearman.value > 0 ? 'rise' : 'fall';
  return `Scores here tend to ${direction} with the ${label}: a ${correlationStrength(spearman.value)} relation (${correlation}).`;
}

function describeTempoKeys(analysis: TempoKeysInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const { cells, keys, tempoEdgesBpm, fewestSongsOfCell } = analysis;
  const supported = cells.filter(({ songs }) => songs >= fewestSongsOfCell);
  const [first] = supported;
  if (first === undefined) {
    return `No key has ${count(fewestSongsOfCell)} songs of about the same tempo, so that single fields say little.`;
  }
  const best = supported.reduce((found, cell) => (cell.mean.value > found.mean.value ? cell : found), first);
  const [from, to] = [tempoEdgesBpm[best.tempo] ?? 0, tempoEdgesBpm[best.tempo + 1] ?? 0];
  const tempo = from === to ? formatNumber(from, 0) : `${formatNumber(from, 0)} to ${formatNumber(to, 0)}`;
  return (
    `${count(supported.length)} of ${counted(cells.length, 'field')} ${supported.length === 1 ? 'stands' : 'stand'} ` +
    `for at least ${count(fewestSongsOfCell)} songs. The highest mean of these is ` +
    `${pointsWithInterval(best.mean)}, ${keys[best.key] ?? ''} at ${tempo} BPM; the highest of many may be chance.`
  );
}

function describeReference(analysis: ReferenceInsight): string {
  const { verdict, songs, fewestSongs, reference, difference, medianPercentile } = analysis;
  if (reference === null || reference.scores === 0)
    return 'There is no other score to compare these songs with.';
  if (verdict === 'nothing') return 'No song here has a score.';
  const name = reference.source === 'loaded' ? quoted(reference.name) : reference.name;
  if (difference === null) {
    return `Here are ${counted(songs, 'song')} and ${counted(reference.scores, 'score')} of ${name}: too few to compare. It takes ${count(fewestSongs)} of each.`;
  }
  const place =
    medianPercentile === null
      ? ''
      : ` The median song here scores at least as high as ${percent(medianPercentile / 100)} of ${name}.`;
  return verdict === 'clear'
    ? `On average these songs score ${pointsApart(difference.difference, name)}.${place}`
    : `On average these songs score ${pointsApart(difference.difference, name)}, which may well be chance.${place}`;
}

function describeComparison(analysis: ComparisonInsight): string {
  const { verdict, first, second, fewestSongs, difference, shared } = analysis;
  const both =
    shared === 0
      ? ''
      : ` ${counted(shared, 'song')} in both groups ${shared === 1 ? 'counts' : 'count'} in the smaller one only.`;
  if (difference === null) {
    return (
      `${quoted(first.name)} has ${counted(first.songs, 'scored song')} and ${quoted(second.name)} ` +
      `${count(second.songs)}: too few to compare. It takes ${count(fewestSongs)} of each.${both}`
    );
  }
  const apart = `On average ${quoted(second.name)} scores ${pointsApart(difference.difference, quoted(first.name))}`;
  const delta = difference.cliffsDelta.value;
  return verdict === 'clear'
    ? `${apart}: a ${effectStrength(delta)} effect (Cliff’s delta ${formatNumber(delta, 2)}). That does not say why.${both}`
    : `${apart}, which may well be chance.${both}`;
}
