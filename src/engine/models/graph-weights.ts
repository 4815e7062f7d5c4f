/** Brings a checkpoint's tensors into a graph: named by file and offset where they can be mapped, else copied in. */
import { basename, dirname } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import type { OnnxGraphBuilder, OnnxType } from './onnx-writer.ts';

/** What a checkpoint's weights may be stored in. */
const floatTypes: readonly OnnxType[] = ['F32', 'F16', 'BF16'];

/** What a graph computes in. */
export type ComputeType = 'F32' | 'F16';

/** The weights of one graph. Names are given without the checkpoint's prefix. */
export class GraphWeights {
  /** The one folder that mapped weights lie in, null while there is none. */
  folder: string | null = null;
  readonly #graph: OnnxGraphBuilder;
  readonly #checkpoint: Checkpoint;
  readonly #prefix: string;
  readonly #computeType: ComputeType;
  /** Names of the values that were made already, by tensor and type. */
  readonly #added = new Map<string, string>();

  constructor(
    graph: OnnxGraphBuilder,
    checkpoint: Checkpoint,
    prefix: string,
    computeType: ComputeType = 'F32',
  ) {
    this.#graph = graph;
    this.#checkpoint = checkpoint;
    this.#prefix = prefix;
    this.#computeType = computeType;
  }

  /**
   * Adds a tensor as it is stored, once, and returns the name of its value in the type that the graph computes in, or
   * in the one asked for. A conversion is a Cast, which the runtime folds when it loads the model.
   */
  async add(name: string, type: ComputeType = this.#computeType): Promise<string> {
    const known = this.#added.get(name + type);
    if (known !== undefined) return known;
    const stored = await this.#addStored(name);
    const value = stored === type ? name : this.#graph.cast(name, type);
    this.#added.set(name + type, value);
    return value;
  }

  /** Adds a tensor of bytes, which nothing converts. @returns the type of the bytes */
  async addBytes(name: string): Promise<'I8' | 'U8'> {
    const type = await this.#addStored(name, ['I8', 'U8']);
    return type === 'U8' ? 'U8' : 'I8';
  }

  /** Adds a tensor under its name, unless it was added before. @returns the type that it is stored in */
  async #addStored(name: string, types: readonly OnnxType[] = floatTypes): Promise<OnnxType> {
    const tensor = this.#tensor(name);
    const type = types.find((possible) => possible === tensor.type);
    if (type === undefined) throw unfitType(tensor, this.#checkpoint);
    if (this.#added.has(name)) return type;
    this.#added.set(name, name);
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
    return type;
  }

  /** A number in the type that the graph computes in. */
  constant(value: number): string {
    return this.fromFloat(this.#graph.scalar(value));
  }

  /** A float32 value in the type that the graph computes in. */
  fromFloat(value: string): string {
    if (this.#computeType === 'F32') return value;
    return this.#graph.cast(value, this.#computeType);
  }

  #tensor(name: string): CheckpointTensor {
    const tensor = this.#checkpoint.tensors.get(this.#prefix + name);
    if (tensor !== undefined) return tensor;
    throw new BangerError('checkpoint-mismatch', `The checkpoint has no tensor "${this.#prefix}${name}".`, {
      file: this.#checkpoint.path,
    });
  }
}

function unfitType(tensor: CheckpointTensor, checkpoint: Checkpoint): BangerError {
  return new BangerError(
    'checkpoint-refused',
    `The tensor "${tensor.name}" has element type ${tensor.type}; weights must be F32, F16 or BF16.`,
    { file: checkpoint.path, nextStep: 'Save the checkpoint again as float32.' },
  );
}
