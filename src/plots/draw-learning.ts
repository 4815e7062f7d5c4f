/** Draws how a head learned and how it did: curves by epoch, and errors beside those of what needs no model. */
import { dot, line, ruleX, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { Estimate, Evaluation, ScoreMetrics } from '../shared/evaluation.ts';
import { baselineNames } from '../shared/learning-tables.ts';
import type { TrainedEpochRecord } from '../shared/training-recipe.ts';
import type { LearningCurve } from './charts.ts';
import {
  axisAtLeft,
  axisBelow,
  type Canvas,
  drawFrame,
  smallWords,
  stackFrames,
  typeSize,
  usualMargins,
  wordsOnLines,
} from './frame.ts';
import { plotColor } from './palette.ts';
import { drawIntervalRows, type IntervalRow } from './interval-rows.ts';
import { gap, plainWords, spanOf, wordsWidth } from './label-room.ts';
import type { SvgElement } from './svg-tree.ts';

/** Three curves below one another, over the same epochs; a line marks the epoch that was kept. */
export function drawLearningCurve(canvas: Canvas, { epochs, bestEpoch }: LearningCurve): SvgElement {
  const panel = (label: string, of: (epoch: TrainedEpochRecord) => number | null, isLast: boolean) =>
    drawCurve(canvas, { epochs, bestEpoch, label, of, isLast });
  return stackFrames(canvas, [
    panel('training loss', ({ trainLoss }) => trainLoss, false),
    panel('validation MAE', ({ validationMae }) => validationMae, false),
    panel('validation rank correlation', ({ validationSpearman }) => validationSpearman, true),
  ]);
}

interface Curve extends LearningCurve {
  label: string;
  of: (epoch: TrainedEpochRecord) => number | null;
  isLast: boolean;
}

function drawCurve(canvas: Canvas, { epochs, bestEpoch, label, of, isLast }: Curve): SvgElement {
  const points = epochs.flatMap((record) => {
    const value = of(record);
    return value === null ? [] : [{ epoch: record.epoch, value }];
  });
  type Point = (typeof points)[number];
  const best = points.filter(({ epoch }) => epoch === bestEpoch);
  const last = points.slice(-1);
  const lastEpoch = Math.max(2, epochs.at(-1)?.epoch ?? 2);
  const { marginLeft } = usualMargins;
  const marginRight = 56;
  const kept = best.map(({ epoch, value }) => `${formatNumber(value, 3)}, epoch ${epoch} was kept`).join('');
  const innerWidth = canvas.width - marginLeft - marginRight;
  const keptMiddle = middleBeside(canvas, {
    words: kept,
    before: label,
    wished: marginLeft + ((bestEpoch - 1) / (lastEpoch - 1)) * innerWidth,
  });
  return drawFrame(canvas, {
    innerHeight: 90,
    marginRight,
    ...(keptMiddle === null && { legend: kept }),
    yLabel: label,
    ...(isLast && { xLabel: 'epoch' }),
    x: { domain: [1, lastEpoch], ...(!isLast && { axis: null }) },
    y: { domain: spanOf(points.map(({ value }) => value)) },
    marks: [
      axisAtLeft({ ticks: 3, tickFormat: (value) => formatNumber(value, 2) }),
      isLast
        ? axisBelow({ hasGrid: false, tickFormat: (value) => (Number.isInteger(value) ? String(value) : '') })
        : null,
      ruleX(best, { x: 'epoch', stroke: plotColor('dim'), strokeDasharray: '3 3' }),
      line(points, { x: 'epoch', y: 'value', stroke: plotColor('first'), strokeWidth: 1.5 }),
      dot(points.length < 3 ? points : [], { x: 'epoch', y: 'value', r: 2.5, fill: plotColor('first') }),
      dot(best, { x: 'epoch', y: 'value', r: 4, symbol: 'square', fill: plotColor('second') }),
      text(keptMiddle === null ? [] : [kept], {
        ...wordsOnLines,
        frameAnchor: 'top-left',
        dx: (keptMiddle ?? 0) - marginLeft,
        dy: -13,
        textAnchor: 'middle',
      }),
      text(last, {
        ...smallWords,
        x: 'epoch',
        y: 'value',
        dx: 6,
        textAnchor: 'start',
        text: ({ value }: Point) => formatNumber(value, 3),
      }),
    ],
  });
}

/**
 * The middle of words in the line above a plot that begins with other words, as near as it can be to where it is
 * wished: both overlap neither one another nor the picture’s edge. Pixels; null where the line is too short.
 */
function middleBeside(
  { width }: Canvas,
  { words, before, wished }: { words: string; before: string; wished: number },
): number | null {
  const half = wordsWidth(words, typeSize.small) / 2;
  const least = wordsWidth(before, typeSize.small) + 16 + half;
  const most = width - 4 - half;
  return least > most ? null : Math.min(most, Math.max(least, wished));
}

function errorRow(
  label: string,
  metrics: ScoreMetrics,
  of: (metrics: ScoreMetrics) => Estimate | null,
  look: 'strong' | 'weak',
): IntervalRow {
  const figure = of(metrics);
  const words = figure === null ? 'not defined' : formatNumber(figure.value, 3);
  return {
    label,
    values: figure === null ? [] : [{ value: figure.value, interval: figure, look }],
    note: `${words}${gap}n ${metrics.songs}`,
    title: `${plainWords(label)}: ${words}, n ${metrics.songs}`,
  };
}

/** Rank correlation and error of the head and of the baselines. */
export function drawHeadMetrics(canvas: Canvas, { metrics, baselines }: Evaluation): SvgElement {
  const panel = (axisLabel: string, of: (metrics: ScoreMetrics) => Estimate | null) =>
    drawIntervalRows(canvas, {
      rows: [
        errorRow('this head', metrics, of, 'strong'),
        ...baselines.map((baseline) => errorRow(baselineNames[baseline.name], baseline.metrics, of, 'weak')),
      ],
      axisLabel,
      tickFormat: (value) => formatNumber(value, 2),
      legend: `● head${gap}○ without a model${gap}─ 95 % interval`,
    });
  return stackFrames(canvas, [
    panel('Spearman: more is better', ({ spearman }) => spearman),
    panel('mean absolute error, points: less is better', ({ mae }) => mae),
  ]);
}

function drawErrors(canvas: Canvas, rows: readonly IntervalRow[], all: ScoreMetrics): SvgElement {
  return drawIntervalRows(canvas, {
    rows,
    axisLabel: 'mean absolute error, points',
    tickFormat: (value) => formatNumber(value, 1),
    reference: all.mae === null ? undefined : { value: all.mae.value, label: 'all songs' },
    legend: `● mean absolute error${gap}─ 95 % interval`,
  });
}

/** Genres that a picture holds at most; the table has all. */
const mostGenres = 25;

export function drawGenreErrors(canvas: Canvas, { genres, metrics }: Evaluation): SvgElement {
  const rows = genres
    .slice(0, mostGenres)
    .map((row) => errorRow(row.genre ?? 'none', row.metrics, ({ mae }) => mae, 'strong'));
  return drawErrors(canvas, rows, metrics);
}

export function drawBandErrors(canvas: Canvas, { bands, metrics }: Evaluation): SvgElement {
  const rows = bands
    .filter((band) => band.metrics.songs > 0)
    .map(({ from, to, metrics: own }) => errorRow(`label ${from} to ${to}`, own, ({ mae }) => mae, 'strong'));
  return drawErrors(canvas, rows, metrics);
}
