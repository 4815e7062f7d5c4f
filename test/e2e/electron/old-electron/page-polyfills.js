/** Newer built-ins of the language for the browser of an old Electron (Chrome 108), loaded before the page. */

/** @param {object} target @param {Record<string, unknown>} values what is missing there */
function supply(target, values) {
  for (const [name, value] of Object.entries(values)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

supply(Promise, {
  withResolvers() {
    let resolve;
    let reject;
    const promise = new Promise((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    return { promise, resolve, reject };
  },
  try: (work, ...given) => new Promise((resolve) => resolve(work(...given))),
});

supply(URL, {
  canParse(address, base) {
    try {
      return Boolean(new URL(address, base));
    } catch {
      return false;
    }
  },
});

supply(AbortSignal, {
  any(signals) {
    const controller = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) controller.abort(signal.reason);
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    }
    return controller.signal;
  },
});

function toSorted(compare) {
  return this.slice().sort(compare);
}
function toReversed() {
  return this.slice().reverse();
}
function withValue(index, value) {
  const copy = this.slice();
  copy[index < 0 ? copy.length + index : index] = value;
  return copy;
}
function toSpliced(...given) {
  const copy = this.slice();
  copy.splice(...given);
  return copy;
}
supply(Array.prototype, { toSorted, toReversed, toSpliced, with: withValue });
supply(Object.getPrototypeOf(Int8Array.prototype), { toSorted, toReversed, with: withValue });

function grouped(items, keyOf) {
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
supply(Map, { groupBy: grouped });
supply(Object, {
  groupBy: (items, keyOf) =>
    Object.assign(
      Object.create(null),
      Object.fromEntries(grouped(items, (item, i) => String(keyOf(item, i)))),
    ),
});

supply(Set.prototype, {
  union(other) {
    return new Set([...this, ...other.keys()]);
  },
  intersection(other) {
    return new Set([...this].filter((item) => other.has(item)));
  },
  difference(other) {
    return new Set([...this].filter((item) => !other.has(item)));
  },
  symmetricDifference(other) {
    const only = [...other.keys()].filter((item) => !this.has(item));
    return new Set([...[...this].filter((item) => !other.has(item)), ...only]);
  },
  isSubsetOf(other) {
    return [...this].every((item) => other.has(item));
  },
  isSupersetOf(other) {
    return [...other.keys()].every((item) => this.has(item));
  },
  isDisjointFrom(other) {
    return ![...this].some((item) => other.has(item));
  },
});

const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
supply(iterators, {
  *map(change) {
    let index = 0;
    for (const item of this) yield change(item, index++);
  },
  *filter(holds) {
    let index = 0;
    for (const item of this) if (holds(item, index++)) yield item;
  },
  *take(count) {
    let left = count;
    if (left <= 0) return;
    for (const item of this) {
      yield item;
      if (--left <= 0) return;
    }
  },
  *drop(count) {
    let left = count;
    for (const item of this) if (left-- <= 0) yield item;
  },
  *flatMap(change) {
    let index = 0;
    for (const item of this) yield* change(item, index++);
  },
  reduce(join, ...first) {
    return [...this].reduce(join, ...first);
  },
  forEach(work) {
    let index = 0;
    for (const item of this) work(item, index++);
  },
  some(holds) {
    let index = 0;
    for (const item of this) if (holds(item, index++)) return true;
    return false;
  },
  every(holds) {
    return !this.some((item, index) => !holds(item, index));
  },
  find(holds) {
    let index = 0;
    for (const item of this) if (holds(item, index++)) return item;
    return undefined;
  },
  toArray() {
    return [...this];
  },
});
