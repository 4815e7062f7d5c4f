/**
 * Waits that one end can reject together, such as the calls to a process that may die. `Promise.race` with a promise
 * of that end would do the same and keep every answer for as long as the end does not come.
 */
export class OpenWaits {
  readonly #rejects = new Set<(reason: Error) => void>();
  #endReason: Error | null = null;

  /** Settles like the work, or rejects with the reason of the end where that comes first. */
  async settle<Value>(work: Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    if (this.#endReason === null) this.#rejects.add(reject);
    else reject(this.#endReason);
    work.then(resolve, reject);
    try {
      return await promise;
    } finally {
      this.#rejects.delete(reject);
    }
  }

  /** Rejects what waits now and whatever comes later. */
  end(reason: Error): void {
    this.#endReason ??= reason;
    for (const reject of this.#rejects) reject(reason);
    this.#rejects.clear();
  }
}
