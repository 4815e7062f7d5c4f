/** The list's columns as the person arranged them; every change is kept in the settings. */
import type { ListColumn, ListColumnName } from '../../shared/app-settings.ts';
import { usualListColumns } from '../../shared/app-settings.ts';
import type { AppState } from '../state/app-state.svelte.ts';
import {
  completeColumns,
  gridTemplate,
  moveColumn,
  placeColumn,
  resizeColumn,
  showColumn,
  shownColumns,
  sortAfterPress,
  totalWidth,
} from './list-columns.ts';

export class ColumnSet {
  /** A width that is being dragged: shown at once, kept when let go. */
  dragged = $state.raw<{ name: ListColumnName; widthPixels: number } | null>(null);
  /** Room for columns, in CSS pixels; told by whoever shows them. */
  availablePixels = $state(Number.POSITIVE_INFINITY);
  readonly #app: AppState;
  readonly #all = $derived.by(() => {
    const kept = completeColumns(this.#app.settings.current.columns);
    return this.dragged === null ? kept : resizeColumn(kept, this.dragged.name, this.dragged.widthPixels);
  });
  readonly #shown = $derived(shownColumns(this.#all, this.availablePixels));
  readonly #names = $derived(this.#shown.map(({ name }) => name));

  constructor(app: AppState) {
    this.#app = app;
  }

  get all(): readonly ListColumn[] {
    return this.#all;
  }

  get shown(): readonly ListColumn[] {
    return this.#shown;
  }

  get names(): readonly ListColumnName[] {
    return this.#names;
  }

  /** For `grid-template-columns`. */
  get template(): string {
    return gridTemplate(this.#shown);
  }

  /** The least width of a row without its padding, in CSS pixels. */
  get width(): number {
    return totalWidth(this.#shown);
  }

  move(name: ListColumnName, step: 1 | -1): void {
    this.#keep(moveColumn(this.#all, name, step));
  }

  place(name: ListColumnName, beside: ListColumnName, isBehind: boolean): void {
    this.#keep(placeColumn(this.#all, name, beside, isBehind));
  }

  resize(name: ListColumnName, widthPixels: number | null): void {
    this.#keep(resizeColumn(this.#all, name, widthPixels));
  }

  show(name: ListColumnName, isShown: boolean): void {
    this.#keep(showColumn(this.#all, name, isShown));
  }

  reset(): void {
    this.#keep(usualListColumns);
  }

  /** Sorts by a column, or turns the order around where it is sorted by it already. */
  press(name: ListColumnName): void {
    const sort = sortAfterPress(name, this.#app.list.sort);
    if (sort !== null) void this.#app.list.setSort(sort);
  }

  #keep(columns: readonly ListColumn[]): void {
    this.dragged = null;
    void this.#app.settings.change({ columns: [...columns] });
  }
}
