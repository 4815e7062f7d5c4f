/**
 * Reads a PyTorch checkpoint's pickle as data: a small stack machine with a closed list of opcodes, whose only
 * "calls" are entries of a closed list of names. Nothing that a pickle can say runs anything.
 */
import { refusedCheckpoint } from './checkpoint-errors.ts';
import { PickleBytes } from './pickle-bytes.ts';
import { PickleMachine } from './pickle-machine.ts';
import { inertValue, PickledTuple, type PickledValue } from './torch-values.ts';

/** Far above what a training checkpoint of a model this size needs. */
const maxOpcodes = 1_000_000;

const stop = 0x2e;

type Operation<Result> = (machine: PickleMachine, bytes: PickleBytes) => Result;

/** Opcodes that push a value; the names are those of Python's `pickletools`. */
const values: ReadonlyMap<number, Operation<PickledValue>> = new Map<number, Operation<PickledValue>>([
  // NONE, NEWTRUE, NEWFALSE
  [0x4e, () => null],
  [0x88, () => true],
  [0x89, () => false],

  // BININT, BININT1, BININT2, LONG1, BINFLOAT
  [0x4a, (_, bytes) => bytes.int32()],
  [0x4b, (_, bytes) => bytes.uint8()],
  [0x4d, (_, bytes) => bytes.uint16()],
  [0x8a, (_, bytes) => bytes.integer(bytes.uint8())],
  [0x47, (_, bytes) => bytes.float64()],

  // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8, SHORT_BINSTRING
  [0x8c, (_, bytes) => bytes.text(bytes.uint8())],
  [0x58, (_, bytes) => bytes.text(bytes.uint32())],
  [0x8d, (_, bytes) => bytes.text(bytes.length64())],
  [0x55, (_, bytes) => bytes.text(bytes.uint8())],

  // SHORT_BINBYTES, BINBYTES
  [0x43, (_, bytes) => unread(bytes, bytes.uint8())],
  [0x42, (_, bytes) => unread(bytes, bytes.uint32())],

  // EMPTY_LIST, EMPTY_DICT, EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
  [0x5d, () => []],
  [0x7d, () => new Map<PickledValue, PickledValue>()],
  [0x29, () => new PickledTuple([])],
  [0x85, (machine) => new PickledTuple(machine.popSome(1))],
  [0x86, (machine) => new PickledTuple(machine.popSome(2))],
  [0x87, (machine) => new PickledTuple(machine.popSome(3))],
  [0x74, (machine) => new PickledTuple(machine.popToMark())],

  // BINGET, LONG_BINGET
  [0x68, (machine, bytes) => machine.recall(bytes.uint8())],
  [0x6a, (machine, bytes) => machine.recall(bytes.uint32())],

  // GLOBAL, STACK_GLOBAL, BINPERSID, REDUCE
  [0x63, (machine, bytes) => machine.global([bytes.line(), bytes.line()])],
  [0x93, (machine) => machine.global(machine.popSome(2))],
  [0x51, (machine) => machine.storage(machine.pop())],
  [0x52, (machine) => machine.reduce(machine.popSome(2))],
]);

/** Opcodes that change what is there already. */
const effects: ReadonlyMap<number, Operation<void>> = new Map<number, Operation<void>>([
  // PROTO, FRAME: for readers that do not have the whole pickle at hand.
  [
    0x80,
    (_, bytes) => {
      bytes.skip(1);
    },
  ],
  [
    0x95,
    (_, bytes) => {
      bytes.skip(8);
    },
  ],

  // MARK
  [
    0x28,
    (machine) => {
      machine.mark();
    },
  ],

  // APPEND, APPENDS
  [
    0x61,
    (machine) => {
      machine.append(machine.popSome(1));
    },
  ],
  [
    0x65,
    (machine) => {
      machine.append(machine.popToMark());
    },
  ],

  // SETITEM, SETITEMS
  [
    0x73,
    (machine) => {
      machine.setItems(machine.popSome(2));
    },
  ],
  [
    0x75,
    (machine) => {
      machine.setItems(machine.popToMark());
    },
  ],

  // BINPUT, LONG_BINPUT, MEMOIZE
  [
    0x71,
    (machine, bytes) => {
      machine.memoize(bytes.uint8());
    },
  ],
  [
    0x72,
    (machine, bytes) => {
      machine.memoize(bytes.uint32());
    },
  ],
  [
    0x94,
    (machine) => {
      machine.memoize(machine.memoSize);
    },
  ],

  // BUILD
  [
    0x62,
    (machine) => {
      machine.dropState();
    },
  ],
]);

/**
 * The one value that a pickle describes; `file` is named in errors.
 * Throws `checkpoint-corrupt` for a broken pickle, `checkpoint-refused` for whatever is not on the lists.
 */
export function readTorchPickle(file: string, pickle: Uint8Array): PickledValue {
  const machine = new PickleMachine(file);
  const bytes = new PickleBytes(file, pickle);
  for (let count = 0; count < maxOpcodes; count += 1) {
    const opcode = bytes.uint8();
    if (opcode === stop) return machine.pop();
    const value = values.get(opcode);
    const effect = effects.get(opcode);
    if (value !== undefined) machine.push(value(machine, bytes));
    else if (effect !== undefined) effect(machine, bytes);
    else throw refusedOpcode(file, opcode);
  }
  throw refusedCheckpoint(file, 'its pickle is absurdly long');
}

function refusedOpcode(file: string, opcode: number): Error {
  const code = `0x${opcode.toString(16).padStart(2, '0')}`;
  return refusedCheckpoint(file, `its pickle uses the opcode ${code}, which is not allowed; nothing was run`);
}

function unread(bytes: PickleBytes, byteLength: number): PickledValue {
  bytes.skip(byteLength);
  return inertValue;
}
