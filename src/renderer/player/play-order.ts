/** Which song comes after which: the list's order, or that of a mode that has its own. */

export interface PlayOrder {
  /** The song beside another one; undefined at the ends, and for a song that is not in the order. */
  neighbour(songId: number, step: 1 | -1): number | undefined;
  /** Goes to the neighbour where that means more than playing it, as in culling. */
  move?: (step: 1 | -1) => void;
  /** Whether the next song follows by itself when one has ended. */
  goesOn: boolean;
}

/** What sounds in the player's place for a while. */
export interface PlayGuest {
  readonly positionSeconds: number;
  resume(): void;
  pause(): void;
  seek(seconds: number): void;
}
