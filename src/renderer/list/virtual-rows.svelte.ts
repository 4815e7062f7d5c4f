/** The part of the list that is on screen: asks a virtualizer, and tells components through runes. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { ListLayout, rowHeightPixels } from './list-layout.ts';

/** Rows beyond each edge that are drawn ahead. */
const OVERSCAN = 5;

export interface VirtualRowsElements {
  /** What scrolls; alive until `end`. */
  scroller: HTMLElement;
  /** What lies in it and is as high as all rows together. */
  body: HTMLElement;
  /** Height of what sticks to the scroller's top, in CSS pixels. */
  headHeight: number;
}

export class VirtualRows {
  /** Items on screen and a few beyond, in order. */
  items = $state.raw<readonly VirtualItem[]>([]);
  /** How many items are drawn at most; a row that leaves at one end is used again at the other. */
  slots = $state(1);
  readonly #elements: VirtualRowsElements;
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  readonly #end: () => void;
  #layout: ListLayout;

  constructor(elements: VirtualRowsElements, layout: ListLayout) {
    this.#elements = elements;
    this.#layout = layout;
    this.#virtualizer = new Virtualizer(this.#options());
    this.#end = this.#virtualizer._didMount();
    this.#update();
  }

  /** Shows another list at a distance from its top, in CSS pixels; null stays where the scroller is. */
  show(layout: ListLayout, scrollTop: number | null): void {
    this.#layout = layout;
    this.#virtualizer.setOptions(this.#options());
    this.#virtualizer.measure();
    this.#update();
    if (scrollTop !== null) this.#elements.scroller.scrollTop = scrollTop;
  }

  /** Scrolls as little as brings an item into view, or puts it into the middle. */
  reveal(item: number, isCentred = false): void {
    const { scroller, headHeight } = this.#elements;
    const top = this.#layout.topOf(item);
    const height = this.#layout.heightOf(item);
    const visible = scroller.clientHeight - headHeight;
    if (isCentred) scroller.scrollTop = top - (visible - height) / 2;
    else if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + height > scroller.scrollTop + visible) scroller.scrollTop = top + height - visible;
  }

  end(): void {
    this.#end();
  }

  #update(): void {
    this.#elements.body.style.height = `${this.#virtualizer.getTotalSize()}px`;
    this.#virtualizer._willUpdate();
    this.#read();
  }

  #options() {
    const { scroller, headHeight } = this.#elements;
    return {
      count: this.#layout.itemCount,
      getScrollElement: () => scroller,
      estimateSize: (item: number) => this.#layout.heightOf(item),
      rangeExtractor: (range: Range) => this.#range(range),
      scrollMargin: headHeight,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => {
        this.#read();
      },
    };
  }

  /** Always as many items as there are slots, as far as the list has them, so that no row is made while scrolling. */
  #range({ startIndex, endIndex, count }: Range): number[] {
    const { clientHeight } = this.#elements.scroller;
    const usual = Math.ceil(clientHeight / rowHeightPixels) + 1 + 2 * OVERSCAN;
    const length = Math.min(count, Math.max(usual, endIndex - startIndex + 1));
    const first = Math.max(0, Math.min(startIndex - OVERSCAN, count - length));
    return Array.from({ length }, (_, index) => first + index);
  }

  #read(): void {
    const items = this.#virtualizer.getVirtualItems();
    if (items.length !== this.slots) this.slots = Math.max(1, items.length);
    this.items = items;
  }
}
