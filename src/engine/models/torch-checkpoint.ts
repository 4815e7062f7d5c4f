/** Reads PyTorch zip checkpoints: a pickle that describes the tensors, and one zip entry a storage with their bytes. */
import { bytesPerElement, type Checkpoint, type CheckpointTensor } from './checkpoint.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import { allocateBytes, type CheckpointFile } from './checkpoint-file.ts';
import { elementCount, gatherStrided, isContiguous, spanElements } from './strided-tensor.ts';
import { readTorchPickle } from './torch-pickle.ts';
import { isDict, PickledTensor, type PickledDict, type PickledValue } from './torch-values.ts';
import { readZipEntries, readZipRange, type ZipEntry } from './zip-archive.ts';

const maxPickleBytes = 16 * 2 ** 20;

/** A view that repeats its values may be this large; beyond, it must have as many values as it shows. */
const maxRepeatedBytes = 16 * 2 ** 20;

/** Where training scripts put the weights in a checkpoint that holds other things too, likeliest first. */
const stateDictKeys = ['model_state_dict', 'state_dict', 'model'];

/**
 * The checkpoint in an open PyTorch zip file; closing it closes the file.
 * Rejects with `checkpoint-corrupt` or `checkpoint-refused`; nothing that the file holds is run.
 */
export async function openTorchCheckpoint(path: string, file: CheckpointFile): Promise<Checkpoint> {
  const entries = await readZipEntries(file);
  const folder = findPickleFolder(file, entries);
  await refuseBigEndian(file, entries.get(`${folder}byteorder`));
  const stateDict = findStateDict(file, readTorchPickle(file.path, await readPickle(file, entries, folder)));
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of stateDict) {
    if (typeof name !== 'string' || !(tensor instanceof PickledTensor)) continue;
    tensors.set(name, tensorOf(file, name, tensor, entries.get(`${folder}data/${tensor.storage.key}`)));
  }
  return { path, format: 'torch', files: [file.path], tensors, close: () => file.close() };
}

/** The archive's one top folder, with its slash; PyTorch names it after the file. */
function findPickleFolder(file: CheckpointFile, entries: ReadonlyMap<string, ZipEntry>): string {
  const pickles = [...entries.keys()].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  const [pickle, another] = pickles;
  if (pickle === undefined)
    throw refusedCheckpoint(file.path, 'it is a zip file, but PyTorch did not write it');
  if (another !== undefined) throw refusedCheckpoint(file.path, 'it holds more than one pickle');
  return pickle.slice(0, -'data.pkl'.length);
}

async function refuseBigEndian(file: CheckpointFile, entry: ZipEntry | undefined): Promise<void> {
  // Checkpoints from before PyTorch 2.1 do not say, and are little-endian.
  if (entry === undefined) return;
  const text = new TextDecoder().decode(await readZipRange(file, entry, 0, Math.min(entry.sizeBytes, 16)));
  if (text.trim() === 'little') return;
  if (text.trim() !== 'big') throw corruptCheckpoint(file.path, 'its byte order is stated wrongly');
  throw refusedCheckpoint(
    file.path,
    'it was saved on a big-endian machine',
    'Load it with PyTorch and save it again on a usual machine.',
  );
}

async function readPickle(
  file: CheckpointFile,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
): Promise<Uint8Array> {
  const entry = entries.get(`${folder}data.pkl`);
  if (entry === undefined) throw corruptCheckpoint(file.path, 'its pickle is missing');
  if (entry.sizeBytes > maxPickleBytes) {
    throw refusedCheckpoint(file.path, `its pickle has ${entry.sizeBytes} bytes, which no model needs`);
  }
  return readZipRange(file, entry, 0, entry.sizeBytes);
}

/** The dict of tensors: under one of the usual keys of a training checkpoint, else the outermost value itself. */
function findStateDict(file: CheckpointFile, root: PickledValue): PickledDict {
  if (isDict(root)) {
    for (const candidate of [...stateDictKeys.map((key) => root.get(key)), root]) {
      if (isDict(candidate) && holdsTensors(candidate)) return candidate;
    }
  }
  throw refusedCheckpoint(
    file.path,
    'it holds no state dict, neither at the top nor under "model_state_dict", "state_dict" or "model"',
    'Save it again with torch.save(model.state_dict(), …).',
  );
}

function holdsTensors(dict: PickledDict): boolean {
  return dict.entries().some(([name, value]) => typeof name === 'string' && value instanceof PickledTensor);
}

function tensorOf(
  file: CheckpointFile,
  name: string,
  { storage, offset, shape, strides }: PickledTensor,
  entry: ZipEntry | undefined,
): CheckpointTensor {
  const elementBytes = bytesPerElement[storage.elementType];
  if (entry?.sizeBytes !== storage.elements * elementBytes) {
    throw corruptCheckpoint(
      file.path,
      `the values of the tensor "${name}" are missing or of the wrong length`,
    );
  }
  const layout = { shape, strides };
  const count = elementCount(shape);
  const span = spanElements(layout);
  if (
    shape.length !== strides.length ||
    count === null ||
    span === null ||
    span > storage.elements - offset
  ) {
    throw corruptCheckpoint(file.path, `the tensor "${name}" reaches beyond its values`);
  }
  const byteLength = count * elementBytes;
  if (count > span && byteLength > maxRepeatedBytes) {
    throw refusedCheckpoint(file.path, `the tensor "${name}" repeats few values into ${byteLength} bytes`);
  }
  const contiguous = isContiguous(layout);
  const begin = offset * elementBytes;
  return {
    name,
    type: storage.elementType,
    shape,
    byteLength,
    mapped:
      contiguous && entry.method === 'stored'
        ? { file: file.path, offset: entry.dataOffset + begin, byteLength }
        : null,
    async readBytes(signal) {
      const values = await readZipRange(file, entry, begin, span * elementBytes, signal);
      if (contiguous) return values;
      const gathered = allocateBytes(file.path, byteLength);
      gatherStrided(values, gathered, layout, elementBytes);
      return gathered;
    },
  };
}
