/** Joins the shards of a split checkpoint into one, as its index file says which tensor lies where. */
import { dirname, join } from 'node:path';

import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { parseJsonObject } from './strict-json.ts';

const maxIndexBytes = 16 * 2 ** 20;

/** Each shard stays open, so that this bounds open files too. */
const maxShards = 256;

/**
 * The checkpoint whose index is the open file `index`; shards lie beside `path`, the name that the index was asked for
 * by, since in a download cache both are links to files with other names.
 * Rejects with `checkpoint-corrupt` or `checkpoint-refused`, and with whatever `openShard` rejects with.
 */
export async function openSharded(
  path: string,
  index: CheckpointFile,
  openShard: (path: string) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  const shardOfTensor = await readWeightMap(index);
  const shards = new Map<string, Checkpoint>();
  const close = async () => {
    await Promise.all(shards.values().map((shard) => shard.close()));
  };
  try {
    for (const name of new Set(shardOfTensor.values())) {
      shards.set(name, await openShard(join(dirname(path), name)));
    }
    const tensors = new Map<string, CheckpointTensor>();
    for (const [tensorName, shardName] of shardOfTensor) {
      const tensor = shards.get(shardName)?.tensors.get(tensorName);
      if (tensor === undefined) {
        throw corruptCheckpoint(
          path,
          `the tensor "${tensorName}" is not in the shard "${shardName}" that should hold it`,
        );
      }
      tensors.set(tensorName, tensor);
    }
    const [first] = shards.values();
    if (first === undefined) throw corruptCheckpoint(path, 'its index names no tensors');
    const files = new Set(shards.values().flatMap((shard) => shard.files));
    return { path, format: first.format, files: [...files], tensors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Tensor names and the file name of the shard that holds each. */
async function readWeightMap(index: CheckpointFile): Promise<Map<string, string>> {
  if (index.sizeBytes > maxIndexBytes) {
    throw refusedCheckpoint(index.path, `its index has ${index.sizeBytes} bytes, which no model needs`);
  }
  const content = parseJsonObject(index.path, 'its index', await index.read(0, index.sizeBytes));
  const weightMap = content['weight_map'];
  if (typeof weightMap !== 'object' || weightMap === null) {
    throw corruptCheckpoint(
      index.path,
      'it is JSON without a "weight_map", so it is no index of a checkpoint',
    );
  }
  const shardOfTensor = new Map<string, string>();
  for (const [tensorName, shardName] of Object.entries(weightMap)) {
    shardOfTensor.set(tensorName, checkedShardName(index.path, shardName));
  }
  const shardCount = new Set(shardOfTensor.values()).size;
  if (shardCount > maxShards) throw refusedCheckpoint(index.path, `its index names ${shardCount} shards`);
  return shardOfTensor;
}

/** A plain file name: an index must not make us read elsewhere than beside it. */
function checkedShardName(file: string, name: unknown): string {
  if (typeof name !== 'string' || !/^[\w-][\w.-]{0,199}$/.test(name)) {
    throw refusedCheckpoint(file, 'its index names a shard that is not a plain file beside it');
  }
  return name;
}
