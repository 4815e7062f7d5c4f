/** Holds what waits for a moment in time, so that one timer serves any number of files. */

/** Things are due together when their moments lie within the same slot. */
const slotMs = 100;

export class SettleQueue<Item> {
  readonly #slots = new Map<number, Set<Item>>();
  readonly #slotOfItem = new Map<Item, number>();

  /** Puts an item in, or moves it to another moment. */
  schedule(item: Item, dueMs: number): void {
    this.remove(item);
    const slot = Math.ceil(dueMs / slotMs);
    const items = this.#slots.get(slot) ?? new Set();
    this.#slots.set(slot, items.add(item));
    this.#slotOfItem.set(item, slot);
  }

  remove(item: Item): void {
    const slot = this.#slotOfItem.get(item);
    if (slot === undefined) return;
    this.#slotOfItem.delete(item);
    const items = this.#slots.get(slot);
    items?.delete(item);
    if (items?.size === 0) this.#slots.delete(slot);
  }

  /** Takes out at most `limit` items whose moment has come, the longest due first. */
  takeDue(nowMs: number, limit: number): Item[] {
    const due: Item[] = [];
    const slots = [...this.#slots.keys()].filter((slot) => slot * slotMs <= nowMs).sort((a, b) => a - b);
    for (const slot of slots) {
      for (const item of this.#slots.get(slot) ?? []) {
        if (due.length === limit) return due;
        this.remove(item);
        due.push(item);
      }
    }
    return due;
  }

  has(item: Item): boolean {
    return this.#slotOfItem.has(item);
  }

  clear(): void {
    this.#slots.clear();
    this.#slotOfItem.clear();
  }

  get size(): number {
    return this.#slotOfItem.size;
  }

  /** When the next item is due, null when none waits. */
  get nextDueMs(): number | null {
    return this.#slots.size === 0 ? null : Math.min(...this.#slots.keys()) * slotMs;
  }
}
