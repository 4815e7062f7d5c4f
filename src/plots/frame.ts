/** What all plots share: type, sizes, axes, and what makes a picture that also screen readers can name. */
import type { Markish, PlotOptions } from '@observablehq/plot';
import { axisX, axisY, gridX, gridY, plot } from '@observablehq/plot';
import { plotColor } from './palette.ts';
import { childElements, type PlotDocument, type SvgElement, svgElement } from './svg-tree.ts';

/** Where a plot is drawn. */
export interface Canvas {
  document: PlotDocument;
  /** Of the whole picture, in pixels. */
  width: number;
}

/** Sizes of type, in pixels. */
export const typeSize = { label: 12, small: 11 } as const;

/** A plot without its names: a piece of a picture, or all of it. */
export type FrameOptions = Omit<PlotOptions, 'document' | 'width' | 'style' | 'className' | 'marks'> & {
  height: number;
  marks: readonly Markish[];
};

/** Draws marks by the grammar. Nothing of the page's style sheets or of the library's own remains in the result. */
export function drawFrame({ document, width }: Canvas, { marks, ...options }: FrameOptions): SvgElement {
  const drawn = plot({
    ...options,
    document: document as unknown as PlotOptions['document'],
    width,
    className: 'plot',
    marks: [...marks],
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
  label: string | null;
  ticks?: readonly number[] | number;
  tickFormat?: (value: number) => string;
  /** Lines across the plot. */
  hasGrid?: boolean;
}

const plainAxis = {
  tickSize: 0,
  fontSize: typeSize.small,
  fill: plotColor('dim'),
  labelArrow: 'none',
} as const;

/** The axis below a plot, with lines where asked for. */
export function axisBelow({ label, ticks = 6, tickFormat, hasGrid = true }: AxisLook): Markish[] {
  const scale = { ticks: ticks as number };
  return [
    ...(hasGrid ? [gridX({ ...scale, stroke: plotColor('line'), strokeOpacity: 1 })] : []),
    axisX({
      ...plainAxis,
      ...scale,
      label,
      labelAnchor: 'right',
      labelOffset: 34,
      ...(tickFormat !== undefined && { tickFormat }),
    }),
  ];
}

/** The axis at the left of a plot, with lines where asked for. */
export function axisAtLeft({ label, ticks = 4, tickFormat, hasGrid = true }: AxisLook): Markish[] {
  const scale = { ticks: ticks as number };
  return [
    ...(hasGrid ? [gridY({ ...scale, stroke: plotColor('line'), strokeOpacity: 1 })] : []),
    axisY({
      ...plainAxis,
      ...scale,
      label,
      labelAnchor: 'top',
      ...(tickFormat !== undefined && { tickFormat }),
    }),
  ];
}
