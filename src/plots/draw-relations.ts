/** Draws one quantity against another: points, the means of spans, and lines of agreement. */
import { dot, link, line, ruleX, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { Evaluation } from '../shared/evaluation.ts';
import type { QuantityBin, SongPoint } from '../shared/insight-parts.ts';
import type { ReferenceInsight, RelationInsight } from '../shared/insight.ts';
import { quantityDigits, quantityNames } from '../shared/quantity-names.ts';
import { axisAtLeft, axisBelow, type Canvas, drawFrame, typeSize } from './frame.ts';
import { plotColor } from './palette.ts';
import { spanOf } from './spans.ts';
import type { SvgElement } from './svg-tree.ts';

const size = { marginTop: 26, marginBottom: 40, marginLeft: 44, marginRight: 20 };
/** A picture in which both axes have one unit is as high as wide, up to this. */
const largestSquare = 400;

/** What the signs mean, above a plot. */
function legend(words: string) {
  return text([words], {
    frameAnchor: 'top-right',
    dy: -size.marginTop + 4,
    textAnchor: 'end',
    lineAnchor: 'top',
    fontSize: typeSize.small,
    fill: plotColor('dim'),
  });
}

const cloud = { r: 2.2, fill: plotColor('neutral'), fillOpacity: 0.7 } as const;

/** A point for each song, and the mean score of each span with its interval. */
export function drawRelation(
  canvas: Canvas,
  { kind, bins, points, songs, spearman }: RelationInsight,
): SvgElement {
  const { label, unit } = quantityNames[kind];
  const digits = quantityDigits[kind];
  const means = bins.flatMap(({ from, to, songs: count, mean }) =>
    mean === null ? [] : [{ middle: (from + to) / 2, from, to, songs: count, ...mean }],
  );
  const scores = [...points.map(({ score }) => score), ...means.map(({ value }) => value)];
  const quantities = [...points.map(({ x }) => x), ...bins.flatMap(({ from, to }) => [from, to])];
  return drawFrame(canvas, {
    ...size,
    height: 300,
    x: { domain: spanOf(quantities) },
    y: { domain: spanOf(scores, [0, 10]), clamp: true },
    marks: [
      axisAtLeft({ label: 'score' }),
      axisBelow({
        label: unit === null ? label : `${label}, ${unit}`,
        hasGrid: false,
        tickFormat: plainNumber,
      }),
      dot(points, {
        x: 'x',
        y: 'score',
        ...cloud,
        title: ({ x, score }: SongPoint) =>
          `${formatNumber(x, digits)} ${unit ?? label}: ${score.toFixed(2)}`,
      }),
      ruleX(
        means.flatMap(({ middle, interval }) => (interval === null ? [] : [{ middle, ...interval }])),
        { x: 'middle', y1: 'low', y2: 'high', stroke: plotColor('first'), strokeWidth: 1.5 },
      ),
      line(means, {
        x: 'middle',
        y: 'value',
        stroke: plotColor('first'),
        strokeWidth: 1,
        strokeOpacity: 0.6,
      }),
      dot(means, {
        x: 'middle',
        y: 'value',
        r: 4,
        symbol: 'square',
        fill: plotColor('first'),
        title: ({ from, to, songs: count, value }: QuantityBin & { value: number }) =>
          `${formatNumber(from, digits)} to ${formatNumber(to, digits)}: mean ${value.toFixed(2)}, n ${count}`,
      }),
      legend(
        `• a song    ■ mean of a span, 95 % interval    n ${songs}${
          spearman === null ? '' : `, rank correlation ${formatNumber(spearman.value, 2)}`
        }`,
      ),
    ],
  });
}

function plainNumber(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : 1);
}

interface Agreement {
  points: readonly { x: number; y: number; title: string }[];
  xLabel: string;
  yLabel: string;
  words: string;
  /** Few points that matter each, or a cloud of songs. */
  isCloud: boolean;
  /** A second line: y = offset + slope × x. */
  fitted?: { slope: number; offset: number } | null;
}

/** Two quantities of one unit: on the diagonal they agree. */
function drawAgreement(canvas: Canvas, agreement: Agreement): SvgElement {
  const { points, xLabel, yLabel, words, isCloud, fitted = null } = agreement;
  const [low, high] = spanOf(points.flatMap(({ x, y }) => [x, y]));
  const square = Math.min(canvas.width, largestSquare);
  const corners = { x1: low, y1: low, x2: high, y2: high };
  return drawFrame(
    { ...canvas, width: square },
    {
      ...size,
      height: square,
      x: { domain: [low, high] },
      y: { domain: [low, high], clamp: true },
      marks: [
        axisAtLeft({ label: yLabel, ticks: 5 }),
        axisBelow({ label: xLabel, ticks: 5 }),
        link([corners], {
          x1: 'x1',
          y1: 'y1',
          x2: 'x2',
          y2: 'y2',
          stroke: plotColor('dim'),
          strokeDasharray: '3 3',
        }),
        fitted === null
          ? null
          : link([corners], {
              x1: 'x1',
              x2: 'x2',
              y1: () => fitted.offset + fitted.slope * low,
              y2: () => fitted.offset + fitted.slope * high,
              stroke: plotColor('second'),
              strokeWidth: 1.5,
            }),
        dot(points, {
          x: 'x',
          y: 'y',
          title: 'title',
          ...(isCloud ? cloud : { r: 4, fill: plotColor('first') }),
        }),
        legend(words),
      ],
    },
  );
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
      title: `${Math.round(share * 100)}th percentile: ${song.toFixed(2)}, reference ${other.toFixed(2)}`,
    })),
    xLabel: `score, ${shortened(reference?.name ?? 'reference')}`,
    yLabel: 'score, these songs',
    words: '● 5th to 95th percentile   ┄ equal',
    isCloud: false,
  });
}

function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length > 24 ? `${letters.slice(0, 23).join('')}…` : name;
}

/** Every song at its label and its prediction. */
export function drawPredictions(canvas: Canvas, { points, metrics }: Evaluation): SvgElement {
  return drawAgreement(canvas, {
    points: points.map(({ song, predicted, actual }) => ({
      x: actual,
      y: predicted,
      title: `${song}: label ${actual.toFixed(2)}, predicted ${predicted.toFixed(2)}`,
    })),
    xLabel: 'label',
    yLabel: 'prediction',
    words: `• a song   ┄ equal   n ${metrics.songs}`,
    isCloud: true,
  });
}

/** Tenths of the songs by prediction, and the line through all songs. */
export function drawCalibration(canvas: Canvas, { calibration }: Evaluation): SvgElement {
  const { groups, slope, offset } = calibration;
  return drawAgreement(canvas, {
    points: groups.map(({ songs, meanPredicted, meanActual }) => ({
      x: meanPredicted,
      y: meanActual,
      title: `predicted ${meanPredicted.toFixed(2)}, label ${meanActual.toFixed(2)}, n ${songs}`,
    })),
    xLabel: 'mean prediction',
    yLabel: 'mean label',
    words:
      slope === null
        ? '● a tenth of the songs   ┄ equal'
        : `● a tenth of the songs   ┄ equal   ─ slope ${formatNumber(slope, 2)}`,
    isCloud: false,
    fitted: slope === null || offset === null ? null : { slope, offset },
  });
}
