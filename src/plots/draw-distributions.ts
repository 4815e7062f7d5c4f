/** Draws how scores spread: histograms with their quartiles, and two distributions beside each other. */
import { dot, lineY, rectY, ruleX, ruleY, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { Evaluation } from '../shared/evaluation.ts';
import type { ScoreBin } from '../shared/insight-parts.ts';
import type { ReferenceInsight, ScoresInsight } from '../shared/insight.ts';
import { axisAtLeft, axisBelow, type Canvas, drawFrame, typeSize } from './frame.ts';
import { plotColor } from './palette.ts';
import type { SvgElement } from './svg-tree.ts';

const size = { height: 250, marginTop: 26, marginBottom: 40, marginLeft: 44, marginRight: 20 };

/** The part of 0..10 that has songs, to whole points, at least three of them. */
function filledPart(bins: readonly ScoreBin[]): [number, number] {
  const filled = bins.filter(({ songs }) => songs > 0);
  const low = Math.floor(filled.reduce((least, { from }) => Math.min(least, from), 10));
  const high = Math.ceil(filled.reduce((most, { to }) => Math.max(most, to), 0));
  const missing = Math.max(0, 3 - (high - low));
  const start = Math.max(0, low - Math.ceil(missing / 2));
  return [start, Math.min(10, Math.max(high, start + 3))];
}

/** Bars with the quartiles as a line with a gap below them (Tufte’s box plot), and the mean with its interval. */
export function drawScores(canvas: Canvas, { bins, spread, mean }: ScoresInsight): SvgElement {
  const most = Math.max(1, ...bins.map(({ songs }) => songs));
  const [start, end] = filledPart(bins);
  const shown = bins.filter(({ from, to }) => to > start && from < end);
  const [boxLine, meanLine] = [-0.13 * most, -0.27 * most];
  return drawFrame(canvas, {
    ...size,
    height: 290,
    x: { domain: [start, end] },
    y: { domain: [-0.34 * most, most] },
    marks: [
      axisAtLeft({ label: 'songs', ticks: countTicks(most), hasGrid: true }),
      axisBelow({ label: 'score', hasGrid: false }),
      rectY(shown, {
        x1: 'from',
        x2: 'to',
        y: 'songs',
        fill: plotColor('first'),
        insetLeft: 0.5,
        insetRight: 0.5,
        title: ({ from, to, songs }: ScoreBin) => `${from.toFixed(1)} to ${to.toFixed(1)}: ${songs} songs`,
      }),
      ruleY([0], { stroke: plotColor('dim') }),
      spread === null
        ? null
        : [
            ruleY(
              [
                { low: spread.lowerWhisker, high: spread.lowerQuartile },
                { low: spread.upperQuartile, high: spread.upperWhisker },
              ],
              { y: boxLine, x1: 'low', x2: 'high', stroke: plotColor('text'), strokeWidth: 1 },
            ),
            dot([spread], { x: 'median', y: boxLine, r: 3, fill: plotColor('text') }),
            text([spread], {
              x: 'upperWhisker',
              y: boxLine,
              dx: 8,
              textAnchor: 'start',
              text: ({ median }: typeof spread) => `median ${formatNumber(median, 2)}`,
              fontSize: typeSize.small,
              ...halo,
            }),
          ],
      mean === null
        ? null
        : [
            ruleY(mean.interval === null ? [] : [mean.interval], {
              y: meanLine,
              x1: 'low',
              x2: 'high',
              stroke: plotColor('second'),
              strokeWidth: 1.5,
            }),
            dot([mean], { x: 'value', y: meanLine, r: 3.5, symbol: 'square', fill: plotColor('second') }),
            text([mean], {
              x: mean.interval?.high ?? mean.value,
              y: meanLine,
              dx: 8,
              textAnchor: 'start',
              text: () => `mean ${formatNumber(mean.value, 2)}${intervalText(mean.interval)}`,
              fontSize: typeSize.small,
              ...halo,
            }),
          ],
    ],
  });
}

/** Words that cross lines stay readable. */
const halo = { stroke: plotColor('ground'), strokeWidth: 3 } as const;

function intervalText(interval: { low: number; high: number } | null): string {
  return interval === null ? '' : ` (${formatNumber(interval.low, 2)} to ${formatNumber(interval.high, 2)})`;
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
  return drawFrame(canvas, {
    ...size,
    x: { domain: [start, end] },
    y: { domain: [0, most] },
    marks: [
      axisAtLeft({ label: 'share of each', tickFormat: percent }),
      axisBelow({ label: 'score', hasGrid: false }),
      rectY(shares, {
        x1: 'from',
        x2: 'to',
        y: 'share',
        fill: plotColor('first'),
        insetLeft: 0.5,
        insetRight: 0.5,
        title: ({ from, to, share, songs: count }: (typeof shares)[number]) =>
          `${from.toFixed(1)} to ${to.toFixed(1)}: ${count} songs, ${percent(share)}`,
      }),
      lineY(steps, { x: 'x', y: 'share', stroke: plotColor('second'), strokeWidth: 2 }),
      ruleY([0], { stroke: plotColor('dim') }),
      keyText(
        canvas,
        `■ these songs, n ${songs}    ▔ ${reference?.name ?? 'reference'}, n ${reference?.scores ?? 0}`,
      ),
    ],
  });
}

/** What the signs mean, above a plot. */
function keyText({ width }: Canvas, words: string) {
  return text([words], {
    frameAnchor: 'top-right',
    dy: -size.marginTop + 4,
    textAnchor: 'end',
    lineAnchor: 'top',
    fontSize: typeSize.small,
    fill: plotColor('dim'),
    lineWidth: (width - 120) / typeSize.small,
    textOverflow: 'ellipsis',
  });
}

function percent(share: number): string {
  return `${formatNumber(share * 100, 0)} %`;
}

/** Bars around nothing: how far predictions lie from labels, and to which side. */
export function drawResiduals(canvas: Canvas, { residuals, metrics }: Evaluation): SvgElement {
  const { bins, standardDeviation } = residuals;
  const filled = bins.filter(({ songs }) => songs > 0);
  const reach = Math.max(1, ...filled.flatMap(({ from }) => [Math.abs(from), Math.abs(from + 0.5)]));
  const most = Math.max(1, ...filled.map(({ songs }) => songs));
  const bias = metrics.bias === null ? '' : `bias ${formatNumber(metrics.bias.value, 2)}`;
  const spread = standardDeviation === null ? '' : `standard deviation ${formatNumber(standardDeviation, 2)}`;
  return drawFrame(canvas, {
    ...size,
    x: { domain: [-reach, reach] },
    y: { domain: [0, most] },
    marks: [
      axisAtLeft({ label: 'songs', ticks: countTicks(most) }),
      axisBelow({
        label: 'prediction minus label',
        hasGrid: false,
        tickFormat: (value) => formatNumber(value, 0),
      }),
      rectY(filled, {
        x1: 'from',
        x2: ({ from }: { from: number }) => from + 0.5,
        y: 'songs',
        fill: plotColor('first'),
        insetLeft: 0.5,
        insetRight: 0.5,
        title: ({ from, songs }: (typeof filled)[number]) =>
          `${formatNumber(from, 1)} to ${formatNumber(from + 0.5, 1)}: ${songs} songs`,
      }),
      ruleX([0], { stroke: plotColor('text') }),
      ruleY([0], { stroke: plotColor('dim') }),
      keyText(canvas, [`n ${metrics.songs}`, bias, spread].filter((part) => part !== '').join(' · ')),
    ],
  });
}
