/** Draws one quantity against another: points, the means of spans, and lines of agreement. */
import { dot, line, link, rectX, ruleX } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { Evaluation } from '../shared/evaluation.ts';
import type { QuantityBin, SongPoint } from '../shared/insight-parts.ts';
import type { ReferenceInsight, RelationInsight } from '../shared/insight.ts';
import { quantityDigits, quantityNames } from '../shared/quantity-names.ts';
import { axisAtLeft, axisBelow, type Canvas, drawFrame, usualMargins } from './frame.ts';
import { gap, isolatedWords, plainWords, spanOf } from './label-room.ts';
import { plotColor } from './palette.ts';
import { rowAreas } from './row-places.ts';
import type { SvgElement } from './svg-tree.ts';

/** A picture in which both axes have one unit is as high as wide, up to this. */
const largestSquare = 340;
const cloud = { r: 2.2, fill: plotColor('neutral'), fillOpacity: 0.75 } as const;

/** A point for each song, and the mean score of each span with its interval. */
export function drawRelation(canvas: Canvas, relation: RelationInsight): SvgElement {
  const { kind, bins, points, songs, spearman } = relation;
  const { label, unit } = quantityNames[kind];
  const digits = quantityDigits[kind];
  const means = bins.flatMap(({ from, to, songs: count, mean }) =>
    mean === null ? [] : [{ middle: (from + to) / 2, from, to, songs: count, ...mean }],
  );
  const filled = bins.map((bin, row) => ({ ...bin, row })).filter((bin) => bin.songs > 0);
  const intervals = means.flatMap(({ middle, interval }) =>
    interval === null ? [] : [{ middle, ...interval }],
  );
  const scores = [
    ...points.map(({ score }) => score),
    ...means.map(({ value }) => value),
    ...intervals.flatMap(({ low, high }) => [low, high]),
  ];
  const quantities = [...points.map(({ x }) => x), ...bins.flatMap(({ from, to }) => [from, to])];
  const correlation = spearman === null ? '' : `${gap}rank correlation ${formatNumber(spearman.value, 2)}`;
  return drawFrame(canvas, {
    innerHeight: 220,
    legend: `• a song${gap}■ mean of a span, 95 % interval${gap}n ${songs}${correlation}`,
    xLabel: unit === null ? label : `${label}, ${unit}`,
    yLabel: 'score',
    x: { domain: spanOf(quantities) },
    y: { domain: spanOf(scores) },
    marks: [
      canvas.hasRowAreas === true ? rectX(filled, { ...rowAreas(filled), x1: 'from', x2: 'to' }) : null,
      axisAtLeft(),
      axisBelow({ hasGrid: false, tickFormat: plainNumber }),
      dot(points, {
        ...cloud,
        x: 'x',
        y: 'score',
        title: ({ x, score }: SongPoint) =>
          `${formatNumber(x, digits)} ${unit ?? label}: ${formatNumber(score, 2)}`,
      }),
      ruleX(intervals, {
        x: 'middle',
        y1: 'low',
        y2: 'high',
        stroke: plotColor('first'),
        strokeWidth: 1.5,
      }),
      line(means, {
        x: 'middle',
        y: 'value',
        stroke: plotColor('first'),
        strokeOpacity: 0.6,
        strokeWidth: 1,
      }),
      dot(means, {
        x: 'middle',
        y: 'value',
        r: 4,
        symbol: 'square',
        fill: plotColor('first'),
        title: ({ from, to, songs: count, value }: QuantityBin & { value: number }) =>
          `${formatNumber(from, digits)} to ${formatNumber(to, digits)}: mean ${formatNumber(value, 2)}, n ${count}`,
      }),
    ],
  });
}

function plainNumber(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : 1);
}

interface Line {
  slope: number;
  offset: number;
}

interface Agreement {
  points: readonly { x: number; y: number; title: string }[];
  xLabel: string;
  yLabel: string;
  legend: string;
  /** A cloud of songs, or few points that matter each. */
  isCloud: boolean;
  fitted?: Line | null;
}

/** Two quantities of one unit: on the dashed line they agree. */
function drawAgreement(canvas: Canvas, agreement: Agreement): SvgElement {
  const { points, xLabel, yLabel, legend, isCloud, fitted = null } = agreement;
  const [low, high] = spanOf(points.flatMap(({ x, y }) => [x, y]));
  const { marginLeft, marginRight } = usualMargins;
  const square = Math.min(canvas.width - marginLeft - marginRight, largestSquare);
  const drawnLine = fitted === null ? null : lineWithin(fitted, low, high);
  return drawFrame(
    { ...canvas, width: square + marginLeft + marginRight },
    {
      innerHeight: square,
      ...{ legend, xLabel, yLabel },
      x: { domain: [low, high] },
      y: { domain: [low, high] },
      marks: [
        axisAtLeft({ ticks: 5 }),
        axisBelow({ ticks: 5 }),
        link([{ x1: low, y1: low, x2: high, y2: high }], {
          ...corners,
          stroke: plotColor('dim'),
          strokeDasharray: '3 3',
        }),
        drawnLine === null
          ? null
          : link([drawnLine], { ...corners, stroke: plotColor('second'), strokeWidth: 1.5 }),
        dot(points, {
          ...(isCloud ? cloud : { r: 4, fill: plotColor('first') }),
          x: 'x',
          y: 'y',
          title: 'title',
        }),
      ],
    },
  );
}

const corners = { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2' } as const;

/** The part of a line that lies in a square; null where none does. */
export function lineWithin({ slope, offset }: Line, low: number, high: number) {
  const crossings = slope === 0 ? [] : [(low - offset) / slope, (high - offset) / slope];
  const isWithin = (value: number) => value >= low - 1e-9 && value <= high + 1e-9;
  const xs = [low, high, ...crossings].filter((x) => isWithin(x) && isWithin(offset + slope * x));
  if (xs.length < 2) return null;
  const [x1, x2] = [Math.min(...xs), Math.max(...xs)];
  return { x1, y1: offset + slope * x1, x2, y2: offset + slope * x2 };
}

/** The percentiles of the songs against those of the reference. */
export function drawReferenceQuantiles(
  canvas: Canvas,
  { quantiles, reference }: ReferenceInsight,
): SvgElement {
  return drawAgreement(canvas, {
    points: quantiles.map(({ share, song, reference: other }) => ({
      x: other,
      y: song,
      title: `${Math.round(share * 100)}th percentile: ${formatNumber(song, 2)}, reference ${formatNumber(other, 2)}`,
    })),
    xLabel: 'score, reference',
    yLabel: 'score, these songs',
    legend: `● 5th to 95th percentile${gap}┄ equal${gap}reference: ${isolatedWords(reference?.name ?? 'none')}`,
    isCloud: false,
  });
}

/** Every song at its label and its prediction. */
export function drawPredictions(canvas: Canvas, { points, metrics }: Evaluation): SvgElement {
  return drawAgreement(canvas, {
    points: points.map(({ song, predicted, actual }) => ({
      x: actual,
      y: predicted,
      title: `${plainWords(song)}: label ${formatNumber(actual, 2)}, predicted ${formatNumber(predicted, 2)}`,
    })),
    xLabel: 'label',
    yLabel: 'prediction',
    legend: `• a song${gap}┄ equal${gap}n ${metrics.songs}`,
    isCloud: true,
  });
}

/** Tenths of the songs by prediction, and the line through all songs. */
export function drawCalibration(canvas: Canvas, { calibration }: Evaluation): SvgElement {
  const { groups, slope, offset } = calibration;
  const fitted = slope === null || offset === null ? null : { slope, offset };
  const line =
    fitted === null ? '' : `${gap}─ line through all songs, slope ${formatNumber(fitted.slope, 2)}`;
  return drawAgreement(canvas, {
    points: groups.map(({ songs, meanPredicted, meanActual }) => ({
      x: meanPredicted,
      y: meanActual,
      title: `predicted ${formatNumber(meanPredicted, 2)}, label ${formatNumber(meanActual, 2)}, n ${songs}`,
    })),
    xLabel: 'mean prediction',
    yLabel: 'mean label',
    legend: `● a tenth of the songs${gap}┄ equal${line}`,
    isCloud: false,
    fitted,
  });
}
