/** Makes a picture of its own from a drawn chart: a file that any program shows as the app does. */
import { plainWords } from './label-room.ts';
import { plotColor, type PlotTheme, resolvePlotColors } from './palette.ts';
import { escapeXml, serializeSvg, type SvgElement, svgNamespace } from './svg-tree.ts';

/** Families that a system has; where the app's own is installed, it is taken. */
export const plotFonts = "Inter, 'Inter Variable', system-ui, 'Segoe UI', 'Noto Sans', sans-serif";

const padding = 16;
const titleHeight = 40;

export interface StandaloneSvg {
  svg: string;
  /** In pixels. */
  width: number;
  height: number;
}

/**
 * A chart with its title on its ground, in the colours of one theme: no style sheet, variable or font is looked up
 * outside of it.
 */
export function standaloneSvg(drawn: SvgElement, title: string, theme: PlotTheme): StandaloneSvg {
  const width = Number(drawn.getAttribute('width')) + 2 * padding;
  const height = Number(drawn.getAttribute('height')) + titleHeight + padding;
  const svg = [
    `<svg xmlns="${svgNamespace}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="${plotFonts}">`,
    `<rect width="${width}" height="${height}" fill="${plotColor('ground')}"/>`,
    `<text x="${padding}" y="26" font-size="15" font-weight="600" fill="${plotColor('text')}">${escapeXml(plainWords(title))}</text>`,
    // Programs other than browsers take the white space of song titles together unless told otherwise.
    `<svg x="${padding}" y="${titleHeight}" xml:space="preserve"${serializeSvg(drawn).slice('<svg'.length)}`,
    '</svg>',
  ].join('');
  return { svg: resolvePlotColors(svg, theme), width, height };
}
