/** The state that a pickle's opcodes work on: a stack, the stacks that marks put aside, and the memo. */
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import { findTorchGlobal, isCount } from './torch-globals.ts';
import {
  inertValue,
  isDict,
  PickledFunction,
  PickledStorage,
  PickledTuple,
  StorageType,
  type PickledValue,
} from './torch-values.ts';

/** Keeps a hostile pickle below some hundred megabytes. */
const maxObjects = 500_000;

/** Throws `checkpoint-corrupt` when an opcode finds less, or other things, than it needs. */
export class PickleMachine {
  readonly #file: string;
  readonly #memo = new Map<number, PickledValue>();
  /** Stacks that a MARK has put aside, innermost last. */
  readonly #outerStacks: PickledValue[][] = [];
  #stack: PickledValue[] = [];
  #objects = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get memoSize(): number {
    return this.#memo.size;
  }

  push(value: PickledValue): void {
    if (typeof value === 'object' && value !== null) this.#objects += 1;
    if (this.#objects > maxObjects) {
      throw refusedCheckpoint(this.#file, 'its pickle holds absurdly many objects');
    }
    this.#stack.push(value);
  }

  pop(): PickledValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.#broken('its stack is empty');
    return value;
  }

  /** The top `count` values, lowest first. */
  popSome(count: number): PickledValue[] {
    if (this.#stack.length < count) throw this.#broken('its stack is empty');
    return this.#stack.splice(-count);
  }

  mark(): void {
    this.#outerStacks.push(this.#stack);
    this.#stack = [];
  }

  /** Everything above the last MARK, which is removed with it. */
  popToMark(): PickledValue[] {
    const outer = this.#outerStacks.pop();
    if (outer === undefined) throw this.#broken('a mark is missing');
    const values = this.#stack;
    this.#stack = outer;
    return values;
  }

  memoize(index: number): void {
    this.#memo.set(index, this.#top());
  }

  recall(index: number): PickledValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#broken('it refers to a value that it never stored');
    return value;
  }

  append(values: readonly PickledValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#broken('it appends to what is no list');
    for (const value of values) list.push(value);
  }

  /** `pairs`: keys and values in turn. */
  setItems(pairs: readonly PickledValue[]): void {
    const dict = this.#top();
    if (!isDict(dict) || pairs.length % 2 !== 0) throw this.#broken('it sets items of what is no dict');
    pairs.forEach((key, index) => {
      const value = pairs[index + 1];
      if (index % 2 === 0 && value !== undefined) dict.set(key, value);
    });
  }

  /** What a module's name stands for, from the closed list. */
  global([module, name]: readonly PickledValue[]): PickledValue {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#broken('a global has no name');
    return findTorchGlobal(this.#file, module, name);
  }

  /** A persistent id is how a pickle refers to a storage in another entry of the archive. */
  storage(id: PickledValue): PickledStorage {
    const [kind, type, key, , elements] = id instanceof PickledTuple ? id.items : [];
    if (
      kind !== 'storage' ||
      !(type instanceof StorageType) ||
      typeof key !== 'string' ||
      !isCount(elements)
    ) {
      throw this.#broken('a reference to a storage is malformed');
    }
    return new PickledStorage(key, type.elementType, elements);
  }

  /** What Python would answer with a call is a look-up in our own list here. */
  reduce([callee, args]: readonly PickledValue[]): PickledValue {
    if (!(callee instanceof PickledFunction) || !(args instanceof PickledTuple)) {
      throw refusedCheckpoint(this.#file, 'its pickle calls something that is no function; nothing was run');
    }
    return callee.build(this.#file, args.items);
  }

  /** BUILD sets an object's state; what may have any here (`_metadata` of a state dict) is never read. */
  dropState(): void {
    this.pop();
    const target = this.#top();
    if (isDict(target) || target === inertValue) return;
    throw refusedCheckpoint(this.#file, 'its pickle sets the state of an object that has none');
  }

  #top(): PickledValue {
    const top = this.#stack.at(-1);
    if (top === undefined) throw this.#broken('its stack is empty');
    return top;
  }

  #broken(reason: string): Error {
    return corruptCheckpoint(this.#file, `its pickle is malformed (${reason})`);
  }
}
