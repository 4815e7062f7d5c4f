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
    const anchor = Math.max(0, order.indexOf(this.#anchorId ?? this.cursorId ?? songId));
    const end = order.indexOf(songId);
    if (end < 0) return;
    this.songIds = new Set(order.songIds.subarray(Math.min(anchor, end), Math.max(anchor, end) + 1));
    this.cursorId = songId;
    this.#anchorId ??= songId;
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
   * @param extends whether the selection grows along
   */
  move(step: number, isExtending = false): void {
    const { order } = this.#list;
    if (order.length === 0) return;
    const from = this.cursorId === null ? -1 : order.indexOf(this.cursorId);
    const isOutside = from < 0;
    const target = isOutside ? (step > 0 ? 0 : order.length - 1) : from + step;
    const songId = order.at(Math.min(order.length - 1, Math.max(0, target)));
    if (songId === undefined) return;
    if (isExtending) this.extendTo(songId);
    else this.select(songId);
  }
}
