/** What all plots share: type, sizes, axes, and what makes a picture that also screen readers can name. */
import type { Markish, PlotOptions } from '@observablehq/plot';
import { axisX, axisY, gridX, gridY, plot, text } from '@observablehq/plot';
import { linesOf } from './label-room.ts';
import { plotColor } from './palette.ts';
import { childElements, type PlotDocument, type SvgElement, svgElement } from './svg-tree.ts';

/** Where a plot is drawn. */
export interface Canvas {
  document: PlotDocument;
  /** Of the whole picture, in pixels. */
  width: number;
  /** Whether a pointer can choose rows of the chart’s first table; see `row-places.ts`. Left out: no. */
  hasRowAreas?: boolean;
}

/** Sizes of type, in pixels. */
export const typeSize = { label: 12, small: 11 } as const;
/** Words that explain, and words that stand on lines. */
export const smallWords = { fontSize: typeSize.small, fill: plotColor('dim') } as const;
export const wordsOnLines = {
  fontSize: typeSize.small,
  fill: plotColor('text'),
  stroke: plotColor('ground'),
  strokeWidth: 3,
} as const;

/** A plot without its names: a piece of a picture, or all of it. */
export interface FrameOptions {
  /** Height of what lies between the axes, in pixels. */
  innerHeight: number;
  /** Room beside it, in pixels. */
  marginLeft?: number;
  marginRight?: number;
  /** What the signs mean, above everything else; wrapped where it is long. */
  legend?: string;
  /** Below and at the right of the horizontal axis; left out where nothing stands below the plot. */
  xLabel?: string;
  /** Above the vertical axis. */
  yLabel?: string;
  /** Whether marks write something right above the plot. */
  hasNoteAbove?: boolean;
  x: NonNullable<PlotOptions['x']>;
  y: NonNullable<PlotOptions['y']>;
  marks: readonly Markish[];
}

const lineHeight = 15;
const axisHeight = 40;
export const usualMargins = { marginLeft: 44, marginRight: 20 } as const;

/** Draws marks by the grammar. Nothing of the page's style sheets or of the library's own remains in the result. */
export function drawFrame({ document, width }: Canvas, options: FrameOptions): SvgElement {
  const { innerHeight, legend = '', xLabel, yLabel, hasNoteAbove = false, x, y, marks } = options;
  const { marginLeft = usualMargins.marginLeft, marginRight = usualMargins.marginRight } = options;
  const legendHeight = linesOf(legend, width, typeSize.small) * lineHeight;
  const marginTop = legendHeight + (yLabel !== undefined || hasNoteAbove ? 24 : 8);
  const marginBottom = xLabel === undefined ? 10 : axisHeight;
  const drawn = plot({
    document: document as unknown as PlotOptions['document'],
    className: 'plot',
    width,
    height: marginTop + innerHeight + marginBottom,
    ...{ marginTop, marginBottom, marginLeft, marginRight, x, y },
    color: { type: 'identity' },
    symbol: { type: 'identity' },
    marks: [
      ...marks,
      text([legend], {
        ...smallWords,
        frameAnchor: 'top-left',
        dx: -marginLeft + 2,
        dy: -marginTop + 2,
        textAnchor: 'start',
        lineAnchor: 'top',
        lineWidth: (width - 4) / typeSize.small,
        lineHeight: lineHeight / typeSize.small,
      }),
      text(yLabel === undefined ? [] : [yLabel], {
        ...smallWords,
        frameAnchor: 'top-left',
        dx: -marginLeft + 2,
        dy: -13,
        textAnchor: 'start',
      }),
      text(xLabel === undefined ? [] : [xLabel], {
        ...smallWords,
        frameAnchor: 'bottom-right',
        dy: 30,
        textAnchor: 'end',
      }),
    ],
  } as PlotOptions) as unknown as SvgElement;
  for (const child of childElements(drawn)) {
    // A policy that forbids inline styles forbids this one too, and it holds nothing that is needed.
    if (child.nodeName === 'style') drawn.removeChild(child);
    else leaveOutAria(child);
  }
  for (const name of ['class', 'font-family', 'fill']) drawn.removeAttribute(name);
  drawn.setAttribute('fill', plotColor('text'));
  drawn.setAttribute('font-size', String(typeSize.label));
  return drawn;
}

/** A picture is one thing to a screen reader: the names of its parts would only be in the way. */
function leaveOutAria(element: SvgElement): void {
  for (const { name } of Array.from(element.attributes)) {
    if (name.startsWith('aria-')) element.removeAttribute(name);
  }
  for (const child of childElements(element)) leaveOutAria(child);
}

/** Puts plots of one width below one another into one picture. */
export function stackFrames({ document, width }: Canvas, frames: readonly SvgElement[]): SvgElement {
  const [only] = frames;
  if (only !== undefined && frames.length === 1) return only;
  const whole = svgElement(document, 'svg', {
    fill: plotColor('text'),
    'font-size': typeSize.label,
    'text-anchor': 'middle',
  });
  let top = 0;
  for (const frame of frames) {
    const group = svgElement(document, 'g', { transform: `translate(0,${top})` });
    for (const child of childElements(frame)) group.appendChild(child);
    whole.appendChild(group);
    top += heightOf(frame);
  }
  whole.setAttribute('viewBox', `0 0 ${width} ${top}`);
  whole.setAttribute('width', String(width));
  whole.setAttribute('height', String(top));
  return whole;
}

/** In pixels. */
export function heightOf(frame: SvgElement): number {
  return Number(frame.getAttribute('height'));
}

/** Gives a picture its name and its description. */
export function nameFrame(
  { document }: Canvas,
  frame: SvgElement,
  { title, summary }: { title: string; summary: string },
): SvgElement {
  frame.setAttribute('role', 'img');
  frame.insertBefore(svgElement(document, 'desc', {}, summary), frame.firstChild);
  frame.insertBefore(svgElement(document, 'title', {}, title), frame.firstChild);
  return frame;
}

interface AxisLook {
  ticks?: readonly number[] | number;
  tickFormat?: (value: number) => string;
  /** Lines across the plot. */
  hasGrid?: boolean;
}

const plainAxis = { tickSize: 0, fontSize: typeSize.small, fill: plotColor('dim'), label: null } as const;

/** The axis below a plot, with lines where asked for. */
export function axisBelow({ ticks = 6, tickFormat, hasGrid = true }: AxisLook = {}): Markish[] {
  const scale = { ticks: ticks as number };
  return [
    hasGrid ? gridX({ ...scale, stroke: plotColor('line'), strokeOpacity: 1 }) : null,
    axisX({ ...plainAxis, ...scale, ...(tickFormat !== undefined && { tickFormat }) }),
  ];
}

/** The axis at the left of a plot, with lines where asked for. */
export function axisAtLeft({ ticks = 4, tickFormat, hasGrid = true }: AxisLook = {}): Markish[] {
  const scale = { ticks: ticks as number };
  return [
    hasGrid ? gridY({ ...scale, stroke: plotColor('line'), strokeOpacity: 1 }) : null,
    axisY({ ...plainAxis, ...scale, ...(tickFormat !== undefined && { tickFormat }) }),
  ];
}
