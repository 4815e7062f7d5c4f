/** What a PyTorch pickle can hold, as plain data. */
import type { TensorType } from './checkpoint.ts';

/** Dicts keep their order; keys other than strings and numbers are compared by identity. */
export type PickledDict = Map<PickledValue, PickledValue>;
export type PickledList = PickledValue[];

export type PickledValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickledList
  | PickledDict
  | PickledTuple
  | PickledTensor
  | PickledStorage
  | StorageType
  | PickledFunction
  | typeof inertValue;

/** Apart from lists, because a tuple never grows. */
export class PickledTuple {
  readonly items: readonly PickledValue[];

  constructor(items: readonly PickledValue[]) {
    this.items = items;
  }
}

/** A run of values in an entry `data/<key>` of the archive; several tensors may look into one. */
export class PickledStorage {
  readonly key: string;
  readonly elementType: TensorType;
  readonly elements: number;

  constructor(key: string, elementType: TensorType, elements: number) {
    this.key = key;
    this.elementType = elementType;
    this.elements = elements;
  }
}

/** A view into a storage. Offset and strides count elements; nothing is checked against the storage yet. */
export class PickledTensor {
  readonly storage: PickledStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: PickledStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** The class of a storage (`torch.FloatStorage`), which says what its bytes are. */
export class StorageType {
  readonly elementType: TensorType;

  constructor(elementType: TensorType) {
    this.elementType = elementType;
  }
}

/** A function that a pickle may name; `build` is ours and only makes data out of data. */
export class PickledFunction {
  readonly build: (file: string, args: readonly PickledValue[]) => PickledValue;

  constructor(build: (file: string, args: readonly PickledValue[]) => PickledValue) {
    this.build = build;
  }
}

/** Something harmless that training checkpoints carry (a dtype, bytes, a numpy number) and nobody here reads. */
export const inertValue = Symbol('inert');

export function isDict(value: PickledValue | undefined): value is PickledDict {
  return value instanceof Map;
}
