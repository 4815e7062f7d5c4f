/** Draws groups of songs as rows: genres, prompts, keys, words, thresholds, and what sets the best apart. */
import { formatNumber } from '../shared/data-table.ts';
import type { ComparedGroup, Figure, GroupRanking, HitRate } from '../shared/insight-parts.ts';
import type {
  ComparisonInsight,
  GroupsInsight,
  HitRatesInsight,
  KeysInsight,
  TermsInsight,
  TopBottomInsight,
} from '../shared/insight.ts';
import { quantityNames } from '../shared/quantity-names.ts';
import type { Canvas } from './frame.ts';
import { drawIntervalRows, type IntervalRow, type RowValue } from './interval-rows.ts';
import { gap, isolatedWords, plainWords } from './label-room.ts';
import type { SvgElement } from './svg-tree.ts';

/** Rows that a picture holds at most; the table has all. */
const mostRows = 25;

function rowValue({ value, interval }: Figure, look: RowValue['look']): RowValue {
  return { value, interval, look };
}

function withInterval({ value, interval }: Figure, digits = 2): string {
  const between =
    interval === null
      ? ''
      : ` (${formatNumber(interval.low, digits)} to ${formatNumber(interval.high, digits)})`;
  return `${formatNumber(value, digits)}${between}`;
}

/** Says so where not all rows are drawn. */
function legendOf(words: string, shown: number, all: number): string {
  return shown < all ? `${words}${gap}the first ${shown} of ${all}` : words;
}

/** Means of groups with intervals, over the range from worst to best. */
export function drawGroups(canvas: Canvas, { ranking }: GroupsInsight | KeysInsight): SvgElement {
  return drawRanking(canvas, ranking);
}

function drawRanking(canvas: Canvas, { groups, groupCount }: GroupRanking): SvgElement {
  const rows = groups
    .slice(0, mostRows)
    .map(({ name, songs, mean, best, worst, againstOthers }): IntervalRow => ({
      label: name,
      values: [rowValue(mean, againstOthers?.isClear === true ? 'strong' : 'weak')],
      range: { low: worst, high: best },
      note: `${formatNumber(mean.value, 2)}${gap}n ${songs}`,
      title: `${plainWords(name)}: mean ${withInterval(mean)}, worst ${formatNumber(worst, 2)}, best ${formatNumber(best, 2)}, n ${songs}`,
    }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'score',
    legend: legendOf(
      `● clearly apart from the others${gap}○ may be chance${gap}─ 95 % interval, on a bar from worst to best`,
      rows.length,
      groupCount,
    ),
  });
}

/** How much higher songs with a term score than songs without it. */
export function drawTerms(canvas: Canvas, { terms, termCount }: TermsInsight): SvgElement {
  const rows = terms.slice(0, mostRows).map(({ term, songs, prompts, difference, isClear }): IntervalRow => ({
    label: term,
    values: [rowValue(difference, isClear ? 'strong' : 'weak')],
    note: `n ${songs}, ${prompts} ${prompts === 1 ? 'prompt' : 'prompts'}`,
    title: `${plainWords(term)}: ${withInterval(difference)}, n ${songs}`,
  }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'mean with it minus mean without it',
    tickFormat: (value) => formatNumber(value, Number.isInteger(value) ? 0 : 1),
    reference: { value: 0, label: 'no difference' },
    legend: legendOf(`● clear${gap}○ may be chance${gap}─ 95 % interval`, rows.length, termCount),
  });
}

function percent(share: number): string {
  return `${formatNumber(share * 100, 0)} %`;
}

function reachText({ hits, songs, rate }: HitRate): string {
  return rate === null ? 'no songs' : `${percent(rate.value)}${gap}${hits} of ${songs}`;
}

/** The share of the songs that reach each threshold. */
export function drawHitRates(canvas: Canvas, { rates }: HitRatesInsight): SvgElement {
  const rows = rates.map((hit): IntervalRow => ({
    label: `at least ${formatNumber(hit.threshold, Number.isInteger(hit.threshold) ? 0 : 2)}`,
    values: hit.rate === null ? [] : [rowValue(hit.rate, 'strong')],
    note: reachText(hit),
    title: reachText(hit),
  }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'share of the songs',
    domain: [0, 1],
    tickFormat: percent,
    legend: `● share${gap}─ 95 % interval`,
  });
}

/** The two groups' means with their intervals, over the range from worst to best. */
function drawTwoGroups(canvas: Canvas, groups: readonly ComparedGroup[]): SvgElement {
  const rows = groups.map(({ name, songs, mean, spread }): IntervalRow => ({
    label: name,
    values: [
      ...(mean === null ? [] : [rowValue(mean, 'strong')]),
      ...(spread === null ? [] : [{ value: spread.median, interval: null, look: 'other' as const }]),
    ],
    ...(spread !== null && {
      range: { low: spread.minimum, high: spread.maximum },
      middle: { low: spread.lowerQuartile, high: spread.upperQuartile },
    }),
    note: mean === null ? 'n 0' : `${formatNumber(mean.value, 2)}${gap}n ${songs}`,
    title: mean === null ? plainWords(name) : `${plainWords(name)}: mean ${withInterval(mean)}, n ${songs}`,
  }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'score',
    legend: `● mean${gap}─ 95 % interval${gap}■ median, on bars of the middle half and from worst to best`,
  });
}

export function drawModes(canvas: Canvas, { modes }: KeysInsight): SvgElement {
  return drawTwoGroups(canvas, [modes.major, modes.minor]);
}

export function drawComparison(canvas: Canvas, { first, second }: ComparisonInsight): SvgElement {
  return drawTwoGroups(canvas, [first, second]);
}

/** Both groups' shares at each threshold: the first a square, the second a dot. */
export function drawComparisonHitRates(canvas: Canvas, { first, second }: ComparisonInsight): SvgElement {
  const rows = second.hitRates.map((hit, index): IntervalRow => {
    const other = first.hitRates[index];
    const values = [
      ...(other?.rate === null || other === undefined ? [] : [rowValue(other.rate, 'other')]),
      ...(hit.rate === null ? [] : [rowValue(hit.rate, 'strong')]),
    ];
    const words = [other, hit]
      .flatMap((one) => (one === undefined ? [] : [`${one.hits} of ${one.songs}`]))
      .join(gap);
    return {
      label: `at least ${formatNumber(hit.threshold, Number.isInteger(hit.threshold) ? 0 : 2)}`,
      values,
      note: words,
      title: words,
    };
  });
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'share of the songs',
    domain: [0, 1],
    tickFormat: percent,
    legend: `■ ${isolatedWords(first.name)}${gap}● ${isolatedWords(second.name)}${gap}─ 95 % interval`,
  });
}

/** How often a value occurs among the best and among the worst. */
export function drawTopBottomShares(canvas: Canvas, { shares, songsOfSide }: TopBottomInsight): SvgElement {
  const rows = shares.slice(0, mostRows).map((share): IntervalRow => ({
    label: share.value,
    values: [
      { value: share.bottomShare, interval: null, look: 'other' },
      { value: share.topShare, interval: null, look: share.isClear ? 'strong' : 'weak' },
    ],
    range: {
      low: Math.min(share.bottomShare, share.topShare),
      high: Math.max(share.bottomShare, share.topShare),
    },
    note: `${share.topSongs} best, ${share.bottomSongs} worst`,
    title: `${plainWords(share.value)}: ${percent(share.topShare)} of the best, ${percent(share.bottomShare)} of the worst`,
  }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'share of the songs of each side',
    tickFormat: percent,
    legend: legendOf(
      `● best ${songsOfSide}, clearly more or fewer${gap}○ may be chance${gap}■ worst ${songsOfSide}`,
      rows.length,
      shares.length,
    ),
  });
}

/** How much larger a quantity tends to be among the best. */
export function drawTopBottomQuantities(canvas: Canvas, { quantities }: TopBottomInsight): SvgElement {
  const rows = quantities.map(({ quantity, cliffsDelta, isClear, ...row }): IntervalRow => ({
    label: quantityNames[quantity].label,
    values: [rowValue(cliffsDelta, isClear ? 'strong' : 'weak')],
    note: `n ${row.topSongs} and ${row.bottomSongs}`,
    title: `${quantityNames[quantity].label}: ${withInterval(cliffsDelta)}`,
  }));
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'Cliff’s delta: right of 0, larger among the best',
    domain: [-1, 1],
    tickFormat: (value) => formatNumber(value, 1),
    reference: { value: 0, label: 'no difference' },
    legend: `● clear${gap}○ may be chance${gap}─ 95 % interval`,
  });
}
