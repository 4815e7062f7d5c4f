/** Keys of the list: where the cursor goes and what the selection becomes. */
import type { AppState } from '../state/app-state.svelte.ts';
import { isMac } from '../shortcuts/key-names.ts';
import { rowHeightPixels } from './list-layout.ts';

/** Answers a key that is meant for the grid. @returns whether it was one of the grid's keys */
export function pressInGrid(app: AppState, event: KeyboardEvent, grid: HTMLElement): boolean {
  if (event.altKey || event.defaultPrevented) return false;
  const { selection, list } = app;
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  const page = Math.max(1, Math.floor(grid.clientHeight / rowHeightPixels) - 2);
  const steps: Partial<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -list.total,
    End: list.total,
  };
  const step = steps[event.key];
  if (step !== undefined) {
    if (isMod && Math.abs(step) === 1) moveCursorAlone(app, step);
    else if (event.key === 'Home') selection.moveTo(0, event.shiftKey);
    else if (event.key === 'End') selection.moveTo(list.total - 1, event.shiftKey);
    else selection.move(step, event.shiftKey);
  } else if (isMod && event.key === ' ' && selection.cursorId !== null) {
    selection.toggle(selection.cursorId);
  } else if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
    openMenuAtCursor(app);
  } else return false;
  event.preventDefault();
  return true;
}

/** Moves the cursor and leaves the selection as it is, so that single songs can be added to it. */
function moveCursorAlone({ selection, list }: AppState, step: number): void {
  const from = selection.cursorId === null ? -1 : list.order.indexOf(selection.cursorId);
  const songId = list.order.at(Math.min(list.total - 1, Math.max(0, from + step)));
  if (songId !== undefined) selection.cursorId = songId;
}

/** Keys open the menu at the song that they act on, not where the pointer happens to be. */
function openMenuAtCursor({ selection }: AppState): void {
  const row = document.getElementById(`song-${selection.cursorId ?? ''}`);
  if (row === null) return;
  const { left, top, height } = row.getBoundingClientRect();
  row.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: left + 48,
      clientY: top + height / 2,
    }),
  );
}
