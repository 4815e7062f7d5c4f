/** Draws charts in this page; the library that draws is loaded with the first one. */
import type { Chart } from '../../plots/charts.ts';
import type { SvgElement } from '../../plots/svg-tree.ts';

/**
 * @param width of the picture, in pixels
 * @param hasRowAreas whether a pointer can choose rows of the chart’s first table
 * @returns an `svg` element without a place in the page
 */
export async function drawChartHere(
  chart: Chart,
  width: number,
  hasRowAreas = false,
): Promise<SvgElement & SVGSVGElement> {
  const { drawChart } = await import('../../plots/draw-chart.ts');
  return drawChart(chart, { document, width, hasRowAreas }) as SvgElement & SVGSVGElement;
}
