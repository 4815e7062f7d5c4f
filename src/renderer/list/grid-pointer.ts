/** Clicks and drags in the list, heard once for all rows. */
import type { AppState } from '../state/app-state.svelte.ts';
import { isMac } from '../shortcuts/key-names.ts';

/** Songs that one drag can take along. */
const MAXIMUM_DRAGGED = 500;

/** The song whose row an event came from, null beside the rows. */
export function rowOf(app: AppState, event: Event): number | null {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
  const index = row?.dataset['index'];
  return index === undefined ? null : (app.list.order.at(Number(index)) ?? null);
}

/** Judges by a row's buttons, seeks in the song that plays, and selects everywhere else. */
export function clickRow(app: AppState, event: MouseEvent): void {
  const songId = rowOf(app, event);
  if (songId === null || !(event.target instanceof Element)) return;
  const button = event.target.closest<HTMLElement>('[data-verdict]');
  if (button !== null) {
    judge(app, songId, button.dataset['verdict'] === 'keep' ? 'keep' : 'reject');
    giveFocusBack(button);
    return;
  }
  const wave = event.target.closest('[data-wave]');
  if (wave !== null && app.player.songId === songId) {
    const { left, width } = wave.getBoundingClientRect();
    app.player.seek(((event.clientX - left) / width) * app.player.durationSeconds);
  }
  if (isMac ? event.metaKey : event.ctrlKey) app.selection.toggle(songId);
  else if (event.shiftKey) app.selection.extendTo(songId);
  else app.selection.select(songId);
}

/** Hands the selected songs to the system, which drags their files to another program. */
export async function dragRows(app: AppState, event: DragEvent): Promise<void> {
  const songId = rowOf(app, event);
  if (songId === null) return;
  event.preventDefault();
  if (!app.selection.has(songId)) app.selection.select(songId);
  try {
    await app.client.shell('start-drag', { songIds: app.selection.ordered.slice(0, MAXIMUM_DRAGGED) });
  } catch (thrown) {
    app.notices.showError(thrown);
  }
}

/** The button of the verdict that a song has takes it back. */
function judge(app: AppState, songId: number, verdict: 'keep' | 'reject'): void {
  const isChosen = app.list.rows.get(songId)?.verdict === verdict;
  void app.judging.judge([songId], { verdict: isChosen ? 'undecided' : verdict });
}

/** Rows come and go under a button; keys belong to the grid. */
function giveFocusBack(button: HTMLElement): void {
  button.closest<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
}
