/** Writes a trained head as PyTorch's own kind of file or as safetensors, its model card inside. */
import { extname } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { headCardKey, type HeadCard } from '../../shared/head-card.ts';
import type { TrainingTensors } from '../inference/training-protocol.ts';
import { readFloat32 } from '../models/checkpoint.ts';
import { readHeadCard } from '../models/head-card-file.ts';
import { type TensorToWrite, writeSafetensors } from '../models/safetensors-writer.ts';
import { tensorToWrite, writeTorchStateDict } from '../models/torch-writer.ts';
import { withCheckpoint } from '../models/with-checkpoint.ts';
import { type HeadShape, layersOf } from './head-shape.ts';
import { listTensors } from './training-graph.ts';

/** What a head's file can be; its name's ending says which. */
export const headFileEndings = ['.pt', '.safetensors'] as const;

/**
 * Writes a head under the state dict's names (`net.0.weight` … `net.12.bias`), with running statistics.
 *
 * @param file ends in `.pt` or `.safetensors`
 * @param batches batches that every batch norm has seen, as PyTorch counts them
 * @throws BangerError `usage` for another ending, `disk-full`, `file-unwritable`
 */
export async function writeHead(
  file: string,
  shape: HeadShape,
  tensors: Readonly<TrainingTensors>,
  batches: number,
  card: HeadCard,
): Promise<void> {
  const listed = listTensors(shape).map(({ name, shape: size }) =>
    tensorToWrite(name, size, tensors[name] ?? new Float32Array()),
  );
  const counters = layersOf(shape).flatMap(({ norm }) =>
    norm === null
      ? []
      : [tensorToWrite(`${norm}.num_batches_tracked`, [], BigInt64Array.of(BigInt(batches)))],
  );
  await writeTensors(file, inModuleOrder([...listed, ...counters]), card);
}

/**
 * Writes a head that exists as a file once more, its card inside, in the form that the new name asks for.
 *
 * @throws BangerError `usage` for another ending, and what reading and writing throw
 */
export async function exportHead(source: string, target: string): Promise<void> {
  requireHeadFileName(target);
  const card = await readHeadCard(source);
  await withCheckpoint(source, async (checkpoint) => {
    const tensors: TensorToWrite[] = [];
    for (const tensor of checkpoint.tensors.values()) {
      tensors.push(
        tensor.type === 'I64'
          ? { ...tensor, readBytes: () => tensor.readBytes() }
          : tensorToWrite(tensor.name, tensor.shape, await readFloat32(tensor)),
      );
    }
    await writeTensors(target, inModuleOrder(tensors), card);
  });
}

/** @throws BangerError `usage` */
export function requireHeadFileName(file: string): void {
  if (headFileEndings.some((ending) => extname(file).toLowerCase() === ending)) return;
  throw new BangerError('usage', 'The name of a head’s file must end in .pt or .safetensors.', { file });
}

async function writeTensors(
  file: string,
  tensors: readonly TensorToWrite[],
  card: HeadCard | null,
): Promise<void> {
  requireHeadFileName(file);
  const notes: Record<string, string> = card === null ? {} : { [headCardKey]: JSON.stringify(card) };
  if (extname(file).toLowerCase() === '.pt') await writeTorchStateDict(file, tensors, notes);
  else await writeSafetensors(file, tensors, { metadata: { format: 'pt', ...notes } });
}

/** In the order of a PyTorch state dict: by module, and within one by these names. */
const parameterOrder = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'];

function inModuleOrder(tensors: readonly TensorToWrite[]): TensorToWrite[] {
  const placeOf = ({ name }: TensorToWrite): [number, number] => {
    const [, module, parameter = ''] = /(\d+)\.(\w+)$/.exec(name) ?? [];
    return [Number(module), parameterOrder.indexOf(parameter)];
  };
  return [...tensors].sort((a, b) => {
    const [[moduleA, placeA], [moduleB, placeB]] = [placeOf(a), placeOf(b)];
    return moduleA - moduleB || placeA - placeB;
  });
}
