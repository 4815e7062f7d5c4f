/** Draws charts for reports, over a document in which nothing is ever shown. */
import domino from 'domino';
import type { Chart } from '../../plots/charts.ts';
import { drawChart } from '../../plots/draw-chart.ts';
import type { PlotDocument } from '../../plots/svg-tree.ts';
import { serializeSvg } from '../../plots/svg-tree.ts';
import type { DrawnChart } from './report-page.ts';

/** Width of the pictures, in pixels: that of the page's column. */
const pictureWidth = 752;

/** How reports write moments. */
export const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });

const document = domino.createDocument('') as unknown as PlotDocument;

export function drawForReport(chart: Chart): DrawnChart {
  return { chart, svg: serializeSvg(drawChart(chart, { document, width: pictureWidth })) };
}
