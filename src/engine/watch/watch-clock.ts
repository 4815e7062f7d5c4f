/** The two clocks that watching needs. */

export interface WatchClock {
  /** Never set back or forward: measures how long a file stood still, in milliseconds since some moment. */
  monotonicMs: () => number;
  /** The clock that files' times come from, in milliseconds since 1970; people and servers set it. */
  wallMs: () => number;
}

export const systemClock: WatchClock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
