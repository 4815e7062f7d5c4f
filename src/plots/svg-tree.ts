/**
 * The few things of a document that plots need, as types of their own: the page hands in its own document, the engine
 * one of a small library, and neither has to know the other's types.
 */

/** What plots look at of any node. */
export interface SvgNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly childNodes: ArrayLike<SvgNode>;
  textContent: string | null;
}

/** An SVG element that somebody's document made. */
export interface SvgElement extends SvgNode {
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  readonly firstChild: SvgNode | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  appendChild(node: unknown): unknown;
  insertBefore(node: unknown, before: unknown): unknown;
  removeChild(node: unknown): unknown;
}

/** A document that makes elements: a browser's, or a library's. */
export interface PlotDocument {
  createElementNS(namespace: string, name: string): unknown;
}

export const svgNamespace = 'http://www.w3.org/2000/svg';
const elementNode = 1;
const textNode = 3;

/** A new element with its attributes and its text. */
export function svgElement(
  document: PlotDocument,
  name: string,
  attributes: Readonly<Record<string, string | number>> = {},
  text?: string,
): SvgElement {
  const element = document.createElementNS(svgNamespace, name) as SvgElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

export function isElement(node: SvgNode): node is SvgElement {
  return node.nodeType === elementNode;
}

/** The elements right within one, in their order. */
export function childElements({ childNodes }: SvgNode): SvgElement[] {
  return Array.from(childNodes).filter(isElement);
}

/**
 * Writes an element as XML. Attributes stand in order of name, so that every document writes the same picture; what
 * XML forbids is replaced, so that any song's title can stand in it.
 */
export function serializeSvg(node: SvgNode): string {
  if (node.nodeType === textNode) return escapeXml(node.textContent ?? '');
  if (!isElement(node)) return '';
  const attributes = Array.from(node.attributes, ({ name, value }) => ` ${name}="${escapeXml(value)}"`);
  const start = `<${node.nodeName}${attributes.sort().join('')}`;
  const content = Array.from(node.childNodes, serializeSvg).join('');
  return content === '' ? `${start}/>` : `${start}>${content}</${node.nodeName}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML and HTML alike, within elements and within double quotes. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
