/** Brings a checkpoint's tensors into a graph: named by file and offset where they can be mapped, else copied in. */
import { basename, dirname } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import type { OnnxGraphBuilder, OnnxType } from './onnx-writer.ts';

/** The weights of one graph. Names are given without the checkpoint's prefix. */
export class GraphWeights {
  /** The one folder that mapped weights lie in, null while there is none. */
  folder: string | null = null;
  readonly #graph: OnnxGraphBuilder;
  readonly #checkpoint: Checkpoint;
  readonly #prefix: string;

  constructor(graph: OnnxGraphBuilder, checkpoint: Checkpoint, prefix: string) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#prefix = prefix;
  }

  /**
   * Adds a tensor as it is stored and returns the name of its float32 value. Half-precision weights are widened
   * by a Cast, which the runtime folds when it loads the model.
   */
  async add(name: string): Promise<string> {
    const tensor = this.#tensor(name);
    const type = weightType(tensor, this.#checkpoint);
    const { mapped } = tensor;
    this.folder ??= mapped && dirname(mapped.file);
    if (mapped !== null && dirname(mapped.file) === this.folder) {
      this.#graph.externalWeight(name, type, tensor.shape, {
        location: basename(mapped.file),
        offset: mapped.offset,
        byteLength: mapped.byteLength,
      });
    } else {
      this.#graph.inlineWeight(name, type, tensor.shape, await tensor.readBytes());
    }
    return type === 'F32' ? name : this.#graph.node('Cast', [name], { attributes: { to: { int: 1 } } });
  }

  #tensor(name: string): CheckpointTensor {
    const tensor = this.#checkpoint.tensors.get(this.#prefix + name);
    if (tensor !== undefined) return tensor;
    throw new BangerError('checkpoint-mismatch', `The checkpoint has no tensor "${this.#prefix}${name}".`, {
      file: this.#checkpoint.path,
    });
  }
}

function weightType(tensor: CheckpointTensor, checkpoint: Checkpoint): OnnxType {
  if (tensor.type === 'F32' || tensor.type === 'F16' || tensor.type === 'BF16') return tensor.type;
  throw new BangerError(
    'checkpoint-refused',
    `The tensor "${tensor.name}" has element type ${tensor.type}; weights must be F32, F16 or BF16.`,
    { file: checkpoint.path, nextStep: 'Save the checkpoint again as float32.' },
  );
}
