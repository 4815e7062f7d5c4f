/** The closed list of names that a PyTorch pickle may use, and what each stands for. */
import type { TensorType } from './checkpoint.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import {
  inertValue,
  isDict,
  PickledFunction,
  PickledStorage,
  PickledTensor,
  PickledTuple,
  StorageType,
  type PickledValue,
} from './torch-values.ts';

const maxDimensions = 64;

const storageTypes: Readonly<Record<string, TensorType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
  ComplexFloatStorage: 'C64',
};

/** Element types that a checkpoint's notes may name. */
const dtypes = [
  ...['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'],
  ...['complex64', 'complex128'],
];

const inert = new PickledFunction(() => inertValue);

const globals: ReadonlyMap<string, PickledValue> = new Map<string, PickledValue>([
  ...Object.entries(storageTypes).map(
    ([name, elementType]) => [`torch.${name}`, new StorageType(elementType)] as const,
  ),
  ...dtypes.map((name) => [`torch.${name}`, inertValue] as const),
  ['collections.OrderedDict', new PickledFunction(orderedDict)],
  ['torch._utils._rebuild_tensor_v2', new PickledFunction(rebuildTensor)],
  ['torch._utils._rebuild_parameter', new PickledFunction(rebuildParameter)],
  ['torch.Size', new PickledFunction(size)],
  ['torch.device', inert],
  // Metrics of a training run are often numpy numbers; their type and bytes are carried along unread.
  ['numpy.dtype', inert],
  ['numpy.core.multiarray.scalar', inert],
  ['numpy._core.multiarray.scalar', inert],
  ['_codecs.encode', inert],
]);

/** What a name in a pickle stands for. Throws `checkpoint-refused`, naming it, for every name not on the list. */
export function findTorchGlobal(file: string, module: string, name: string): PickledValue {
  const qualifiedName = `${module}.${name}`;
  const found = globals.get(qualifiedName);
  if (found !== undefined) return found;
  throw refusedCheckpoint(
    file,
    `its pickle wants to use "${qualifiedName.slice(0, 200)}", which could run code and is not allowed; nothing was run`,
    'Use it only if it was saved as a plain state dict (torch.save(model.state_dict(), …)) or as safetensors.',
  );
}

function orderedDict(file: string, args: readonly PickledValue[]): PickledValue {
  if (args.length > 0) throw refusedCheckpoint(file, 'its pickle builds an OrderedDict in an unknown way');
  return new Map();
}

function size(file: string, args: readonly PickledValue[]): PickledValue {
  const [dimensions] = args;
  if (!(dimensions instanceof PickledTuple))
    throw corruptCheckpoint(file, 'a torch.Size in its pickle is malformed');
  return dimensions;
}

/** Arguments: storage, offset, size, stride, requires_grad, backward hooks, and for odd tensors a dict of flags. */
function rebuildTensor(file: string, args: readonly PickledValue[]): PickledValue {
  const [storage, offset, shape, strides, , , flags] = args;
  if (!(storage instanceof PickledStorage) || !isCount(offset)) {
    throw corruptCheckpoint(file, 'a tensor in its pickle has no storage');
  }
  if (isDict(flags) && flags.size > 0) {
    throw refusedCheckpoint(file, 'a tensor in its pickle is a lazily conjugated or negated view');
  }
  return new PickledTensor(storage, offset, counts(file, shape), counts(file, strides));
}

/** Arguments: the tensor, requires_grad, backward hooks. */
function rebuildParameter(file: string, args: readonly PickledValue[]): PickledValue {
  const [tensor] = args;
  if (!(tensor instanceof PickledTensor))
    throw corruptCheckpoint(file, 'a parameter in its pickle has no tensor');
  return tensor;
}

function counts(file: string, value: PickledValue | undefined): number[] {
  if (!(value instanceof PickledTuple) || value.items.length > maxDimensions || !value.items.every(isCount)) {
    throw corruptCheckpoint(file, 'a tensor in its pickle has an impossible shape');
  }
  return value.items.slice();
}

/** Whether a value is a whole number from 0 that is represented exactly. */
export function isCount(value: PickledValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
