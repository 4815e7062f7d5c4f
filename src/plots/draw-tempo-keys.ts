/** Draws the heat map of tempo and key: a mean in each cell, its count below it, darker for higher. */
import { cell, text } from '@observablehq/plot';
import { formatNumber } from '../shared/data-table.ts';
import type { TempoKeysInsight } from '../shared/insight.ts';
import { type Canvas, drawFrame, typeSize } from './frame.ts';
import { plotColor, type PlotColorName } from './palette.ts';
import { labelWidth } from './spans.ts';
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
  const columns = Math.max(1, tempoEdgesBpm.length - 1);
  const marginLeft = labelWidth(keys, { least: 40, most: canvas.width * 0.3 });
  const [marginTop, marginBottom, marginRight] = [26, 40, 8];
  const isNarrow = (canvas.width - marginLeft) / columns < 64;
  const scale =
    telling.length === 0
      ? 'every cell has too few songs to say much'
      : `mean score and n: light ${formatNumber(low, 2)} to strong ${formatNumber(high, 2)}; in outline: fewer than ${fewestSongsOfCell} songs`;
  return drawFrame(canvas, {
    height: marginTop + keys.length * rowHeight + marginBottom,
    marginLeft,
    marginTop,
    marginBottom,
    marginRight,
    x: {
      type: 'band',
      domain: Array.from({ length: columns }, (_, index) => index),
      axis: null,
      padding: 0.03,
    },
    y: { type: 'band', domain: keys.map((_, index) => index), axis: null, padding: 0.06 },
    color: { type: 'identity' },
    marks: [
      cell(shown, {
        x: 'tempo',
        y: 'key',
        fill: heat('heat'),
        stroke: (one: Shown) => plotColor(one.step === 0 ? 'line' : 'ground'),
        inset: 0.5,
        rx: 2,
        title: ({ key, tempo, songs, value }: Shown) =>
          `${keys[key] ?? ''}, ${spanText(tempoEdgesBpm, tempo)} BPM: mean ${formatNumber(value, 2)}, n ${songs}`,
      }),
      text(shown, {
        x: 'tempo',
        y: 'key',
        text: ({ value, songs }: Shown) =>
          isNarrow ? formatNumber(value, 1) : `${formatNumber(value, 2)}  n ${songs}`,
        fill: heat('heat-ink'),
        fontSize: typeSize.small,
        fontVariant: 'tabular-nums',
      }),
      text(
        keys.map((name, key) => ({ name, key })),
        {
          y: 'key',
          text: 'name',
          frameAnchor: 'left',
          dx: -10,
          textAnchor: 'end',
          lineWidth: (marginLeft - 12) / typeSize.label,
          textOverflow: 'ellipsis',
        },
      ),
      text(
        Array.from({ length: columns }, (_, tempo) => ({ tempo })),
        {
          x: 'tempo',
          text: ({ tempo }: { tempo: number }) => spanText(tempoEdgesBpm, tempo),
          frameAnchor: 'bottom',
          dy: 12,
          fontSize: typeSize.small,
          fill: plotColor('dim'),
        },
      ),
      text(['tempo, BPM'], {
        frameAnchor: 'bottom-right',
        dy: 28,
        textAnchor: 'end',
        fontSize: typeSize.small,
        fill: plotColor('dim'),
      }),
      text([scale], {
        frameAnchor: 'top-left',
        dx: -marginLeft + 2,
        dy: -marginTop + 4,
        textAnchor: 'start',
        lineAnchor: 'top',
        fontSize: typeSize.small,
        fill: plotColor('dim'),
      }),
    ],
  });
}

function spanText(edges: readonly number[], column: number): string {
  return [edges[column], edges[column + 1]].map((edge) => formatNumber(edge ?? 0, 0)).join('–');
}
