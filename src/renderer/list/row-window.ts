/** Asks for the rows around what is on screen: once a frame at most, one request at a time, the latest place first. */
import type { SongOrder } from '../state/song-order.ts';

/** Rows are asked for in blocks, so that scrolling by a row asks for nothing new most of the time. */
const blockRows = 50;

/** The songs of the blocks that a stretch of the list touches, and of the next one on each side that is near. */
export function songsAround(order: SongOrder, first: number, last: number): number[] {
  const start = Math.max(0, Math.floor((first - blockRows / 2) / blockRows) * blockRows);
  const end = Math.min(order.length, Math.ceil((last + 1 + blockRows / 2) / blockRows) * blockRows);
  return [...order.songIds.subarray(start, end)];
}

export class RowWindow {
  readonly #want: (songIds: number[]) => Promise<void>;
  #next: (() => number[]) | null = null;
  #frame: number | undefined;
  #isAsking = false;

  constructor(want: (songIds: number[]) => Promise<void>) {
    this.#want = want;
  }

  /** @param songIds tells what is wanted when it is time to ask */
  ask(songIds: () => number[]): void {
    this.#next = songIds;
    if (this.#isAsking) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      void this.#askNow();
    });
  }

  end(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#next = null;
  }

  async #askNow(): Promise<void> {
    this.#isAsking = true;
    try {
      while (this.#next !== null) {
        const songIds = this.#next();
        this.#next = null;
        await this.#want(songIds);
      }
    } finally {
      this.#isAsking = false;
    }
  }
}
