/** Rows with a figure each: a dot for the value, a thin line for its interval, its name at the left, its count at the right. */
import { barX, dot, ruleX, ruleY, text } from '@observablehq/plot';
import { axisBelow, type Canvas, drawFrame, smallWords, typeSize } from './frame.ts';
import { labelWidth, plainWords, spanOf } from './label-room.ts';
import { plotColor } from './palette.ts';
import { rowAreas } from './row-places.ts';
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
  /** A faint bar behind all: from the worst to the best. */
  range?: Interval;
  /** A bar that is less faint: the middle half. */
  middle?: Interval;
  /** At the right, such as `n 12`. */
  note: string;
  /** What a pointer that rests on a dot is told. */
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
  const { axisLabel, tickFormat, reference, legend } = options;
  const rows = options.rows.map((row, index) => ({ ...row, index, label: plainWords(row.label) }));
  const values = rows.flatMap(({ values: figures, index, title }) =>
    figures.map((figure) => ({ ...figure, index, title })),
  );
  const { width } = canvas;
  const labels = rows.map(({ label }) => label);
  const notes = rows.map(({ note }) => note);
  const marginLeft = labelWidth(labels, typeSize.label, { least: 40, most: width * 0.36 });
  const marginRight = labelWidth(notes, typeSize.small, { least: 24, most: width * 0.34 });
  const [low, high] = options.domain ?? domainOf(options);
  return drawFrame(canvas, {
    innerHeight: rows.length * rowHeight,
    ...{ marginLeft, marginRight, legend, xLabel: axisLabel, hasNoteAbove: reference !== undefined },
    x: { domain: [low, high] },
    y: { type: 'band', domain: rows.map(({ index }) => index), axis: null, padding: 0 },
    marks: [
      canvas.hasRowAreas === true
        ? barX(rows, {
            ...rowAreas(rows.map(({ index }) => ({ row: index }))),
            y: 'index',
            x1: () => low,
            x2: () => high,
            insetLeft: -marginLeft,
            insetRight: -marginRight,
          })
        : null,
      axisBelow({ ticks: width < 480 ? 4 : 6, ...(tickFormat !== undefined && { tickFormat }) }),
      reference === undefined ? null : referenceMarks(reference),
      ruleY(bars(rows, 'range'), { ...span, stroke: plotColor('line'), strokeWidth: 6 }),
      ruleY(bars(rows, 'middle'), {
        ...span,
        stroke: plotColor('neutral'),
        strokeOpacity: 0.45,
        strokeWidth: 6,
        strokeLinecap: 'butt',
      }),
      ruleY(
        values.flatMap((value) => (value.interval === null ? [] : [{ ...value, ...value.interval }])),
        { ...span, stroke: colorOf, strokeWidth: 1.5, strokeLinecap: 'butt' },
      ),
      dot(values, {
        x: 'value',
        y: 'index',
        r: 4,
        symbol: ({ look }: RowValue) => (look === 'other' ? 'square' : 'circle'),
        fill: (value: RowValue) => (value.look === 'weak' ? plotColor('ground') : colorOf(value)),
        stroke: colorOf,
        strokeWidth: 1.5,
        title: 'title',
      }),
      text(rows, {
        y: 'index',
        text: 'label',
        frameAnchor: 'left',
        dx: -10,
        textAnchor: 'end',
        lineWidth: (marginLeft - 12) / typeSize.label,
        textOverflow: 'ellipsis',
      }),
      text(rows, {
        ...smallWords,
        y: 'index',
        text: 'note',
        frameAnchor: 'right',
        dx: marginRight - 2,
        textAnchor: 'end',
        fontVariant: 'tabular-nums',
      }),
    ],
  });
}

const span = { y: 'index', x1: 'low', x2: 'high', strokeLinecap: 'round' } as const;

function colorOf({ look }: RowValue): string {
  return plotColor(look === 'other' ? 'second' : 'first');
}

function bars(rows: readonly (IntervalRow & { index: number })[], which: 'range' | 'middle') {
  return rows.flatMap(({ index, [which]: bar }) => (bar === undefined ? [] : [{ index, ...bar }]));
}

function referenceMarks(reference: { value: number; label: string }) {
  return [
    ruleX([reference.value], { stroke: plotColor('dim'), strokeDasharray: '3 3' }),
    text([reference], { ...smallWords, x: 'value', text: 'label', frameAnchor: 'top', dy: -10 }),
  ];
}

/** Everything that is drawn has a place on the axis. */
function domainOf({ rows, reference }: IntervalRowsOptions): [number, number] {
  const ends = (interval: Interval | null | undefined) =>
    interval === null || interval === undefined ? [] : [interval.low, interval.high];
  return spanOf([
    ...(reference === undefined ? [] : [reference.value]),
    ...rows.flatMap(({ range, values }) => [
      ...ends(range),
      ...values.flatMap(({ value, interval }) => [value, ...ends(interval)]),
    ]),
  ]);
}
