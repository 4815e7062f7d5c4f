/** Makes files of a chart: a picture as SVG or PNG in the colours that are shown, and its tables as CSV. */
import type { Chart } from '../../plots/charts.ts';
import type { PlotTheme } from '../../plots/palette.ts';
import { standaloneSvg } from '../../plots/standalone-svg.ts';
import type { DataTable } from '../../shared/data-table.ts';
import { tableToCsv } from '../../shared/data-table.ts';
import { BangerError } from '../../shared/errors.ts';
import { drawChartHere } from './draw-chart-here.ts';

/** Width of an exported picture, in pixels of CSS. */
const pictureWidth = 760;
/** Pixels of a PNG for each pixel of CSS: sharp on paper and on dense screens. */
const pngScale = 2;

/** The theme that the page shows. */
export function shownTheme(): PlotTheme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';
}

/** @throws whatever keeps the drawing library from being loaded */
export async function chartAsSvg(chart: Chart, theme: PlotTheme): Promise<Blob> {
  const drawn = await drawChartHere(chart, pictureWidth);
  return new Blob([standaloneSvg(drawn, chart.title, theme).svg], { type: 'image/svg+xml' });
}

/** @throws BangerError `internal` where the browser cannot draw the picture; and as `chartAsSvg` */
export async function chartAsPng(chart: Chart, theme: PlotTheme): Promise<Blob> {
  const drawn = await drawChartHere(chart, pictureWidth);
  const { svg, width, height } = standaloneSvg(drawn, chart.title, theme);
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const picture = new Image(width, height);
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * pngScale;
    canvas.height = height * pngScale;
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, 'image/png');
    });
    if (png === null) throw new BangerError('internal', 'The picture could not be made.');
    return png;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** With the mark by which spreadsheets know UTF-8. */
export function tableAsCsv(table: DataTable): Blob {
  return new Blob(['\u{FEFF}', tableToCsv(table)], { type: 'text/csv;charset=utf-8' });
}
