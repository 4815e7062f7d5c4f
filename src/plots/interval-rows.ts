/** Rows with a figure each: a dot for the value, a thin line for its interval, its name at the left, its count at the right. */
import { dot, ruleX, ruleY, text } from '@observablehq/plot';
import { axisBelow, type Canvas, drawFrame, typeSize } from './frame.ts';
import { plotColor } from './palette.ts';
import { labelWidth, spanOf } from './spans.ts';
import type { SvgElement } from './svg-tree.ts';

interface Interval {
  low: number;
  high: number;
}

/** One of a row's figures. */
export interface RowValue {
  value: number;
  interval: Interval | null;
  /** `strong`: a filled dot. `weak`: a ring, for what may be chance. `other`: a square of the second series. */
  look: 'strong' | 'weak' | 'other';
}

export interface IntervalRow {
  label: string;
  values: readonly RowValue[];
  /** A faint line behind all: from the worst to the best. */
  range?: Interval;
  /** At the right, such as `n 12`. */
  note: string;
  /** What a pointer that rests on the row is told. */
  title: string;
}

export interface IntervalRowsOptions {
  rows: readonly IntervalRow[];
  /** Below the axis. */
  axisLabel: string;
  /** Ends of the axis; what the rows span unless told. */
  domain?: readonly [number, number];
  tickFormat?: (value: number) => string;
  /** A line through all rows, and what it stands for. */
  reference?: { value: number; label: string } | undefined;
  /** What the signs mean, above the rows. */
  legend: string;
}

const rowHeight = 22;

/** Draws rows from the top down. */
export function drawIntervalRows(canvas: Canvas, options: IntervalRowsOptions): SvgElement {
  const { rows, axisLabel, tickFormat, reference, legend } = options;
  const values = rows.flatMap(({ label, note, title, range, values: figures }, row) =>
    figures.map((figure) => ({ ...figure, row, label, note, title, range })),
  );
  const within = values.flatMap(({ value, interval }) => [value, ...ends(interval)]);
  const ranges = rows.flatMap(({ range }) => ends(range ?? null));
  const referenceEnds = reference === undefined ? [] : [reference.value];
  const domain = options.domain ?? spanOf([...within, ...ranges, ...referenceEnds]);
  const marginLeft = labelWidth(
    rows.map(({ label }) => label),
    { least: 40, most: canvas.width * 0.36 },
  );
  const marginRight = labelWidth(
    rows.map(({ note }) => note),
    { least: 24, most: canvas.width * 0.3 },
  );
  const color = ({ look }: RowValue) => plotColor(look === 'other' ? 'second' : 'first');
  const marginTop = reference === undefined ? 26 : 42;
  return drawFrame(canvas, {
    height: marginTop + rows.length * rowHeight + 40,
    marginTop,
    marginLeft,
    marginRight,
    marginBottom: 40,
    x: { domain: [...domain], clamp: true },
    y: { type: 'band', domain: rows.map((_, row) => row), axis: null, padding: 0 },
    marks: [
      axisBelow({ label: axisLabel, ...(tickFormat !== undefined && { tickFormat }) }),
      reference === undefined
        ? null
        : [
            ruleX([reference.value], { stroke: plotColor('dim'), strokeDasharray: '3 3' }),
            text([reference], {
              x: 'value',
              text: 'label',
              frameAnchor: 'top',
              dy: -10,
              fontSize: typeSize.small,
              fill: plotColor('dim'),
            }),
          ],
      text([legend], {
        frameAnchor: 'top-left',
        dx: -marginLeft + 2,
        dy: -marginTop + 4,
        textAnchor: 'start',
        lineAnchor: 'top',
        fontSize: typeSize.small,
        fill: plotColor('dim'),
      }),
      ruleY(
        rows.flatMap(({ range }, row) => (range === undefined ? [] : [{ row, ...range }])),
        {
          y: 'row',
          x1: 'low',
          x2: 'high',
          stroke: plotColor('line'),
          strokeWidth: 6,
          strokeLinecap: 'round',
        },
      ),
      ruleY(
        values.flatMap((value) => (value.interval === null ? [] : [{ ...value, ...value.interval }])),
        { y: 'row', x1: 'low', x2: 'high', stroke: color, strokeWidth: 1.5 },
      ),
      dot(values, {
        x: 'value',
        y: 'row',
        r: 4,
        symbol: ({ look }: RowValue) => (look === 'other' ? 'square' : 'circle'),
        fill: (value: RowValue) => (value.look === 'weak' ? plotColor('ground') : color(value)),
        stroke: color,
        strokeWidth: 1.5,
        title: 'title',
      }),
      text(rows, {
        y: (_: IntervalRow, row: number) => row,
        text: 'label',
        title: 'title',
        frameAnchor: 'left',
        dx: -10,
        textAnchor: 'end',
        lineWidth: (marginLeft - 12) / typeSize.label,
        textOverflow: 'ellipsis',
      }),
      text(rows, {
        y: (_: IntervalRow, row: number) => row,
        text: 'note',
        frameAnchor: 'right',
        dx: marginRight - 2,
        textAnchor: 'end',
        fontSize: typeSize.small,
        fontVariant: 'tabular-nums',
        fill: plotColor('dim'),
      }),
    ],
    symbol: { type: 'identity' },
    color: { type: 'identity' },
  });
}

function ends(interval: Interval | null): number[] {
  return interval === null ? [] : [interval.low, interval.high];
}
