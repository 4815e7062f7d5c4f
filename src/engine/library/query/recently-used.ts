/** Keeps the values that were used last, so that a list that is scrolled is not put together again and again. */
export class RecentlyUsed<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  /** @param limit how many values are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value of a name, made where it is not kept. */
  get(name: string, make: () => Value): Value {
    const value = this.#values.get(name) ?? make();
    // A map keeps the order of insertion, so the first one is the one that was used longest ago.
    this.#values.delete(name);
    this.#values.set(name, value);
    const [oldest = name] = this.#values.keys();
    if (this.#values.size > this.#limit) this.#values.delete(oldest);
    return value;
  }

  /** Whether a value is kept under this name. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  clear(): void {
    this.#values.clear();
  }
}
