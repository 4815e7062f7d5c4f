/** Remembers files that were seen under a temporary name, so that they are known when they get their final one. */
import type { BigIntStats } from 'node:fs';

/** Far more than are ever written at once. */
const maxRemembered = 10_000;

export class RenameMemory {
  readonly #identities = new Set<string>();

  /** Takes note of a file under a temporary name. */
  remember(stats: BigIntStats): void {
    const identity = identityOf(stats);
    if (identity === null) return;
    this.#identities.delete(identity);
    this.#identities.add(identity);
    if (this.#identities.size > maxRemembered) {
      for (const oldest of this.#identities) {
        this.#identities.delete(oldest);
        break;
      }
    }
  }

  /** Whether this file had a temporary name before; told once. */
  recall(stats: BigIntStats): boolean {
    const identity = identityOf(stats);
    return identity !== null && this.#identities.delete(identity);
  }
}

/** An inode's number is given to another file soon after it is free, but not together with the time of its birth. */
function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string | null {
  return ino === 0n || birthtimeNs === 0n ? null : `${dev}:${ino}:${birthtimeNs}`;
}
