/** Views into a run of values, as PyTorch stores them: where they begin, and how far apart their values lie. */

export interface StridedLayout {
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  /** Elements from one index of a dimension to the next; never negative. */
  readonly strides: readonly number[];
}

/** How many elements the shape has; null where that is past every safe number. */
export function elementCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const dimension of shape) {
    count *= dimension;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** Elements from the first value of the view to just behind its last; null where that is past every safe number. */
export function spanElements({ shape, strides }: StridedLayout): number | null {
  if (shape.includes(0)) return 0;
  let span = 1;
  for (const [axis, dimension] of shape.entries()) {
    span += (dimension - 1) * (strides[axis] ?? 0);
    if (!Number.isSafeInteger(span)) return null;
  }
  return span;
}

/** Whether the view's values lie one behind the other in C order. */
export function isContiguous({ shape, strides }: StridedLayout): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const dimension = shape[axis] ?? 1;
    if (dimension === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= dimension;
  }
  return true;
}

/**
 * Copies a view's values into C order. `source` holds the view's span, its first value first; the layout's
 * indices must all lie in it, which `spanElements` tells.
 */
export function gatherStrided(
  source: Uint8Array<ArrayBuffer>,
  target: Uint8Array<ArrayBuffer>,
  layout: StridedLayout,
  elementBytes: 1 | 2 | 4 | 8,
): void {
  const from = elementsOf(source, elementBytes);
  const to = elementsOf(target, elementBytes);
  const { shape, strides } = layout;
  const rowLength = shape.at(-1) ?? 1;
  const rowStride = strides.at(-1) ?? 1;
  const index = shape.map(() => 0);
  let start = 0;
  for (let row = 0; row < to.length; row += rowLength) {
    for (let column = 0; column < rowLength; column += 1) {
      // Views of one element width have one element type, which TypeScript cannot see.
      to[row + column] = from[start + column * rowStride] as never;
    }
    for (let axis = shape.length - 2; axis >= 0; axis -= 1) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      start += stride;
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      start -= next * stride;
      index[axis] = 0;
    }
  }
}

function elementsOf(bytes: Uint8Array<ArrayBuffer>, elementBytes: 1 | 2 | 4 | 8) {
  if (elementBytes === 1) return bytes;
  if (elementBytes === 2) return new Uint16Array(bytes.buffer);
  if (elementBytes === 4) return new Uint32Array(bytes.buffer);
  return new BigUint64Array(bytes.buffer);
}
