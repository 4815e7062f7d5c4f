/** Draws the heat map of tempo and key: a mean in each cell, its count below it, darker for higher. */
import { cell, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { TempoKeysInsight } from '../shared/insight.ts';
import { type Canvas, drawFrame, smallWords, typeSize } from './frame.ts';
import { gap, labelWidth, plainWords } from './label-room.ts';
import { plotColor, type PlotColorName } from './palette.ts';
import { rowAreas } from './row-places.ts';

import type { SvgElement } from './svg-tree.ts';

const steps = 5;
const rowHeight = 26;

export function drawTempoKeys(
  canvas: Canvas,
  { keys, tempoEdgesBpm, cells, fewestSongsOfCell }: TempoKeysInsight,
): SvgElement {
  const telling = cells.filter(({ songs }) => songs >= fewestSongsOfCell).map(({ mean }) => mean.value);
  const low = telling.reduce((one, other) => Math.min(one, other), Infinity);
  const high = telling.reduce((one, other) => Math.max(one, other), -Infinity);
  const stepOf = (value: number) =>
    high > low ? Math.min(steps, 1 + Math.floor(((value - low) / (high - low)) * steps)) : 3;
  const shown = cells.map(({ key, tempo, songs, mean }) => ({
    key,
    tempo,
    songs,
    value: mean.value,
    step: songs >= fewestSongsOfCell ? stepOf(mean.value) : 0,
  }));
  type Shown = (typeof shown)[number];
  const heat = (prefix: 'heat' | 'heat-ink') => (one: Shown) =>
    one.step === 0
      ? plotColor(prefix === 'heat' ? 'ground' : 'dim')
      : plotColor(`${prefix}-${one.step}` as PlotColorName);
  const columns = Array.from({ length: Math.max(1, tempoEdgesBpm.length - 1) }, (_, tempo) => tempo);
  const rows = keys.map((name, key) => ({ name: plainWords(name), key }));
  const names = rows.map(({ name }) => name);
  const marginLeft = labelWidth(names, typeSize.label, { least: 40, most: canvas.width * 0.3 });
  const isNarrow = (canvas.width - marginLeft) / columns.length < 64;
  const legend =
    telling.length === 0
      ? `mean score and n${gap}all fields have fewer than ${fewestSongsOfCell} songs`
      : `mean score and n: light ${formatNumber(low, 2)} to strong ${formatNumber(high, 2)}${gap}outlined: fewer than ${fewestSongsOfCell} songs`;
  return drawFrame(canvas, {
    innerHeight: rows.length * rowHeight,
    ...{ marginLeft, marginRight: 8, legend, xLabel: 'tempo, BPM' },
    x: { type: 'band', domain: columns, axis: null, padding: 0.03 },
    y: { type: 'band', domain: rows.map(({ key }) => key), axis: null, padding: 0.06 },
    marks: [
      canvas.hasRowAreas === true
        ? cell(shown, { ...rowAreas(shown.map((_, row) => ({ row }))), x: 'tempo', y: 'key' })
        : null,
      cell(shown, {
        x: 'tempo',
        y: 'key',
        fill: heat('heat'),
        stroke: (one: Shown) => plotColor(one.step === 0 ? 'line' : 'ground'),
        inset: 0.5,
        rx: 2,
        title: ({ key, tempo, songs, value }: Shown) =>
          `${names[key] ?? ''}, ${spanText(tempoEdgesBpm, tempo)} BPM: mean ${formatNumber(value, 2)}, n ${songs}`,
      }),
      text(shown, {
        x: 'tempo',
        y: 'key',
        text: ({ value, songs }: Shown) =>
          isNarrow ? formatNumber(value, 1) : `${formatNumber(value, 2)}${gap}n ${songs}`,
        fill: heat('heat-ink'),
        fontSize: typeSize.small,
        fontVariant: 'tabular-nums',
      }),
      text(rows, {
        y: 'key',
        text: 'name',
        frameAnchor: 'left',
        dx: -10,
        textAnchor: 'end',
        lineWidth: (marginLeft - 12) / typeSize.label,
        textOverflow: 'ellipsis',
      }),
      text(columns, {
        ...smallWords,
        x: columns,
        text: columns.map((tempo) =>
          isNarrow ? formatNumber(tempoEdgesBpm[tempo] ?? 0, 0) : spanText(tempoEdgesBpm, tempo),
        ),
        frameAnchor: 'bottom',
        dy: 12,
      }),
    ],
  });
}

function spanText(edges: readonly number[], column: number): string {
  return [edges[column], edges[column + 1]].map((edge) => formatNumber(edge ?? 0, 0)).join('–');
}
