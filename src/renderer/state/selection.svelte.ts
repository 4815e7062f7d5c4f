/** Which songs are selected, and the one that keys act on. */
import type { SongList } from './song-list.svelte.ts';

export class Selection {
  /** Replaced as a whole. */
  songIds = $state.raw<ReadonlySet<number>>(new Set());
  /** The song that the inspector shows and that keys move from. */
  cursorId = $state<number | null>(null);
  #anchorId: number | null = null;
  readonly #list: SongList;

  constructor(list: SongList) {
    this.#list = list;
    list.onShown(() => {
      this.#prune();
    });
  }

  has(songId: number): boolean {
    return this.songIds.has(songId);
  }

  /** The selected songs in the order of the list; the cursor's where none is selected. */
  get ordered(): number[] {
    if (this.songIds.size === 0) return this.cursorId === null ? [] : [this.cursorId];
    const { order } = this.#list;
    return [...this.songIds].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  }

  /** Selects one song alone. */
  select(songId: number): void {
    this.songIds = new Set([songId]);
    this.cursorId = songId;
    this.#anchorId = songId;
  }

  /** Adds a song or takes it out. */
  toggle(songId: number): void {
    const next = new Set(this.songIds);
    if (!next.delete(songId)) next.add(songId);
    this.songIds = next;
    this.cursorId = songId;
    this.#anchorId = songId;
  }

  /** Selects from the place where the selection began up to a song. */
  extendTo(songId: number): void {
    const { order } = this.#list;
    const end = order.indexOf(songId);
    if (end < 0) return;
    this.#anchorId ??= this.cursorId ?? songId;
    const anchor = order.indexOf(this.#anchorId);
    const start = anchor < 0 ? end : anchor;
    this.songIds = new Set(order.songIds.subarray(Math.min(start, end), Math.max(start, end) + 1));
    this.cursorId = songId;
  }

  selectAll(): void {
    this.songIds = new Set(this.#list.order.songIds);
    this.cursorId ??= this.#list.order.at(0) ?? null;
  }

  clear(): void {
    this.songIds = new Set();
    this.cursorId = null;
    this.#anchorId = null;
  }

  /**
   * Moves the cursor through the list.
   *
   * @param step rows down, negative for up; stops at the ends
   * @param isExtending whether the selection grows along
   */
  move(step: number, isExtending = false): void {
    const { order } = this.#list;
    const from = this.cursorId === null ? -1 : order.indexOf(this.cursorId);
    if (from >= 0) this.moveTo(from + step, isExtending);
    else this.moveTo(step > 0 ? 0 : order.length - 1, isExtending);
  }

  /** Moves the cursor to a place in the list; beyond an end, to that end. */
  moveTo(index: number, isExtending = false): void {
    const { order } = this.#list;
    const songId = order.at(Math.min(order.length - 1, Math.max(0, index)));
    if (songId === undefined) return;
    if (isExtending) this.extendTo(songId);
    else this.select(songId);
  }

  /** Lets go of songs that are not in the list any more, so that no key acts on what cannot be seen. */
  #prune(): void {
    const { order } = this.#list;
    const remaining = [...this.songIds].filter((songId) => order.has(songId));
    if (remaining.length < this.songIds.size) this.songIds = new Set(remaining);
    if (this.cursorId !== null && !order.has(this.cursorId)) this.cursorId = remaining[0] ?? null;
    if (this.#anchorId !== null && !order.has(this.#anchorId)) this.#anchorId = this.cursorId;
  }
}
