/** What tests of the checkpoint readers share: whole checkpoints as values, and safetensors files from parts. */
import type { Checkpoint } from '../../src/engine/models/checkpoint.ts';
import { openCheckpoint } from '../../src/engine/models/open-checkpoint.ts';
import { BangerError } from '../../src/shared/errors.ts';

/** Everything that a checkpoint says about one of its tensors. */
export interface ReadTensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** All tensors of a checkpoint by name, read whole. */
export async function readAllTensors(checkpoint: Checkpoint): Promise<Record<string, ReadTensor>> {
  const read: [string, ReadTensor][] = [];
  for (const [name, tensor] of checkpoint.tensors) {
    const bytes = Buffer.from((await tensor.readBytes()).buffer);
    read.push([name, { type: tensor.type, shape: tensor.shape, bytes }]);
  }
  return Object.fromEntries(read);
}

/** Opens, reads all and closes. */
export async function readCheckpoint(path: string): Promise<Record<string, ReadTensor>> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await readAllTensors(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

/**
 * What a reader makes of a file that may be anything: the code of its error, or `valid`. Throws what no reader may
 * throw: other errors, `internal` ones, and tensors whose bytes are not as many as they say.
 */
export async function outcomeOfReading(path: string): Promise<string> {
  let checkpoint: Checkpoint | undefined;
  try {
    checkpoint = await openCheckpoint(path);
    for (const tensor of checkpoint.tensors.values()) {
      const bytes = await tensor.readBytes();
      if (bytes.byteLength !== tensor.byteLength) throw new Error(`"${tensor.name}" has another length.`);
    }
    return 'valid';
  } catch (error) {
    if (error instanceof BangerError && error.code !== 'internal' && error.file !== undefined)
      return error.code;
    throw error;
  } finally {
    await checkpoint?.close();
  }
}

/** A safetensors file from a header, given as an object or as raw text, and the bytes behind it. */
export function makeSafetensors(header: unknown, data: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}
