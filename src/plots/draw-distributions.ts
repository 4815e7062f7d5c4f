/** Draws how scores spread: histograms with their quartiles, and two distributions beside each other. */
import { dot, lineY, type Markish, rectX, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { Evaluation } from '../shared/evaluation.ts';
import type { Figure, ScoreBin, ScoreSpread } from '../shared/insight-parts.ts';
import type { ReferenceInsight, ScoresInsight } from '../shared/insight.ts';
import {
  axisAtLeft,
  axisBelow,
  type Canvas,
  drawFrame,
  typeSize,
  usualMargins,
  wordsOnLines,
} from './frame.ts';
import { gap, isolatedWords, wordsWidth } from './label-room.ts';
import { plotColor } from './palette.ts';
import { rowAreas } from './row-places.ts';
import type { SvgElement } from './svg-tree.ts';

const innerHeight = 180;
const bars = { fill: plotColor('first'), fillOpacity: 0.85, insetLeft: 0.5, insetRight: 0.5 } as const;

/** The part of 0..10 that has songs, to whole points, at least three of them. */
function filledPart(bins: readonly ScoreBin[]): [number, number] {
  const filled = bins.filter(({ songs }) => songs > 0);
  const low = Math.floor(filled.reduce((least, { from }) => Math.min(least, from), 10));
  const high = Math.ceil(filled.reduce((most, { to }) => Math.max(most, to), 0));
  const missing = Math.max(0, 3 - (high - low));
  const start = Math.min(7, Math.max(0, low - Math.ceil(missing / 2)));
  return [start, Math.min(10, Math.max(high, start + 3))];
}

/** Bars with the quartiles as a line with a gap below them (Tufte’s box plot), and the mean with its interval. */
export function drawScores(canvas: Canvas, { bins, spread, mean, songs }: ScoresInsight): SvgElement {
  const most = Math.max(1, ...bins.map((bin) => bin.songs));
  const [start, end] = filledPart(bins);
  const shown = bins.filter(({ from, to }) => to > start && from < end);
  const filled = bins.map((bin, row) => ({ ...bin, row })).filter((bin) => bin.songs > 0);
  const place: PlaceWords = (words, marked) => besideMark(words, marked, [start, end], canvas);
  return drawFrame(canvas, {
    innerHeight: innerHeight + 50,
    legend: `n ${songs}${gap}● median between the quartiles and their whiskers${gap}■ mean, 95 % interval`,
    xLabel: 'score',
    yLabel: 'songs',
    x: { domain: [start, end] },
    y: { domain: [-0.3 * most, most] },
    marks: [
      canvas.hasRowAreas === true ? rectX(filled, { ...rowAreas(filled), x1: 'from', x2: 'to' }) : null,
      axisAtLeft({ ticks: countTicks(most) }),
      axisBelow({ hasGrid: false, ticks: end - start }),
      rectY(shown, {
        ...bars,
        x1: 'from',
        x2: 'to',
        y: 'songs',
        title: ({ from, to, songs: count }: ScoreBin) => `${binText(from, to)}: ${count} songs`,
      }),
      ruleY([0], { stroke: plotColor('dim') }),
      spread === null ? null : quartileMarks(spread, -0.1 * most, place),
      mean === null ? null : meanMarks(mean, -0.22 * most, place),
    ],
  });
}

type PlaceWords = (words: string, marked: { low: number; high: number }) => ReturnType<typeof besideMark>;

/**
 * Where words about a part of the horizontal axis stand: at its right, at its left where they would be cut off, and on
 * its end where there is no room on either side.
 */
function besideMark(
  words: string,
  { low, high }: { low: number; high: number },
  [start, end]: [number, number],
  { width }: Canvas,
): { x: [number]; dx: number; textAnchor: 'start' | 'end' } {
  const { marginLeft, marginRight } = usualMargins;
  const pixelsPerPoint = (width - marginLeft - marginRight) / (end - start);
  const needed = distance + wordsWidth(words, typeSize.small);
  if (marginLeft + (high - start) * pixelsPerPoint + needed <= width) {
    return { x: [high], dx: distance, textAnchor: 'start' };
  }
  if (marginLeft + (low - start) * pixelsPerPoint - needed >= 0) {
    return { x: [low], dx: -distance, textAnchor: 'end' };
  }
  return { x: [end], dx: 0, textAnchor: 'end' };
}

/** Between a mark and its words, in pixels. */
const distance = 8;

function quartileMarks(spread: ScoreSpread, y: number, place: PlaceWords): Markish[] {
  const { median, lowerWhisker, lowerQuartile, upperQuartile, upperWhisker } = spread;
  const words = `median ${formatNumber(median, 2)}`;
  return [
    ruleY(
      [
        { low: lowerWhisker, high: lowerQuartile },
        { low: upperQuartile, high: upperWhisker },
      ],
      { y, x1: 'low', x2: 'high', stroke: plotColor('text') },
    ),
    dot([median], { x: [median], y, r: 3, fill: plotColor('text') }),
    text([words], { ...wordsOnLines, ...place(words, { low: median, high: median }), y }),
  ];
}

function meanMarks({ value, interval }: Figure, y: number, place: PlaceWords): Markish[] {
  const between =
    interval === null ? '' : ` (${formatNumber(interval.low, 2)} to ${formatNumber(interval.high, 2)})`;
  const words = `mean ${formatNumber(value, 2)}${between}`;
  return [
    ruleY(interval === null ? [] : [interval], {
      y,
      x1: 'low',
      x2: 'high',
      stroke: plotColor('second'),
      strokeWidth: 1.5,
    }),
    dot([value], { x: [value], y, r: 3.5, symbol: 'square', fill: plotColor('second') }),
    text([words], { ...wordsOnLines, ...place(words, interval ?? { low: value, high: value }), y }),
  ];
}

/** Whole numbers only, few of them. */
function countTicks(most: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((one) => most / one <= 5) ?? 10_000;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

/** The songs as bars, the reference as steps over them, both as shares of their own songs. */
export function drawReference(canvas: Canvas, { bins, reference, songs }: ReferenceInsight): SvgElement {
  const others = reference?.bins ?? [];
  const [start, end] = filledPart([...bins, ...others]);
  const within = ({ from, to }: ScoreBin) => to > start && from < end;
  const shares = bins.filter(within).map((bin) => ({ ...bin, share: bin.songs / Math.max(1, songs) }));
  const total = Math.max(1, reference?.scores ?? 0);
  const steps = others.filter(within).flatMap(({ from, to, songs: count }) => [
    { x: from, share: count / total },
    { x: to, share: count / total },
  ]);
  const most = Math.max(0.01, ...shares.map(({ share }) => share), ...steps.map(({ share }) => share));
  const name = isolatedWords(reference?.name ?? 'reference');
  return drawFrame(canvas, {
    innerHeight,
    legend: `■ these songs, n ${songs}${gap}─ ${name}, n ${reference?.scores ?? 0}`,
    xLabel: 'score',
    yLabel: 'share of each',
    x: { domain: [start, end] },
    y: { domain: [0, most] },
    marks: [
      axisAtLeft({ tickFormat: percent }),
      axisBelow({ hasGrid: false, ticks: end - start }),
      rectY(shares, {
        ...bars,
        x1: 'from',
        x2: 'to',
        y: 'share',
        title: ({ from, to, share, songs: count }: (typeof shares)[number]) =>
          `${binText(from, to)}: ${count} songs, ${percent(share)}`,
      }),
      lineY(steps, { x: 'x', y: 'share', stroke: plotColor('second'), strokeWidth: 2 }),
      ruleY([0], { stroke: plotColor('dim') }),
    ],
  });
}

function percent(share: number): string {
  return `${formatNumber(share * 100, 0)} %`;
}

function binText(from: number, to: number): string {
  return `${formatNumber(from, 2)} to ${formatNumber(to, 2)}`;
}

/** Bars around nothing: how far predictions lie from labels, and to which side. */
export function drawResiduals(canvas: Canvas, { residuals, metrics }: Evaluation): SvgElement {
  const { bins, standardDeviation } = residuals;
  const filled = bins.filter(({ songs }) => songs > 0);
  const reach = Math.max(1, ...filled.flatMap(({ from }) => [Math.abs(from), Math.abs(from + 0.5)]));
  const most = Math.max(1, ...filled.map(({ songs }) => songs));
  const facts = [
    `n ${metrics.songs}`,
    ...(metrics.bias === null ? [] : [`mean ${formatNumber(metrics.bias.value, 2)}`]),
    ...(standardDeviation === null ? [] : [`standard deviation ${formatNumber(standardDeviation, 2)}`]),
  ];
  return drawFrame(canvas, {
    innerHeight,
    legend: facts.join(gap),
    xLabel: 'prediction minus label, points',
    yLabel: 'songs',
    x: { domain: [-reach, reach] },
    y: { domain: [0, most] },
    marks: [
      axisAtLeft({ ticks: countTicks(most) }),
      axisBelow({
        hasGrid: false,
        tickFormat: (value) => formatNumber(value, Number.isInteger(value) ? 0 : 1),
      }),
      rectY(filled, {
        ...bars,
        x1: 'from',
        x2: ({ from }: { from: number }) => from + 0.5,
        y: 'songs',
        title: ({ from, songs }: (typeof filled)[number]) =>
          `${formatNumber(from, 1)} to ${formatNumber(from + 0.5, 1)}: ${songs} songs`,
      }),
      ruleX([0], { stroke: plotColor('text') }),
      ruleY([0], { stroke: plotColor('dim') }),
    ],
  });
}
