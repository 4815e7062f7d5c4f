/** What a checkpoint is to the rest of the product: named tensors, where their bytes lie, and how to read them. */
import { BangerError } from '../../shared/errors.ts';

/** Bytes that one value of each element type takes. Checkpoints may hold any of these; see `readFloat32`. */
export const bytesPerElement = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  C64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
} as const;

/** Element types by their safetensors names. Encoders and heads need F32, F16, BF16 and I64 only. */
export type TensorType = keyof typeof bytesPerElement;

/** A run of bytes in a file that another process may map into its memory. */
export interface MappedBytes {
  /** The real path: no link anywhere in it. */
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** One tensor of a checkpoint, not yet read. */
export interface CheckpointTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Outermost dimension first; empty for a scalar. */
  readonly shape: readonly number[];
  readonly byteLength: number;
  /**
   * Where the raw little-endian C-order bytes lie on disk, null when they lie nowhere in that form (a deflated
   * zip entry, a transposed view).
   */
  readonly mapped: MappedBytes | null;
  /**
   * The values in C order as raw little-endian bytes of `type`, in a buffer of their own.
   * Rejects with `checkpoint-corrupt`, `checkpoint-refused`, `file-unreadable` or `cancelled`.
   */
  readBytes(signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** An open checkpoint. Its owner closes it; tensors cannot be read afterwards, `mapped` stays true. */
export interface Checkpoint {
  /** The path it was opened by. */
  readonly path: string;
  readonly format: 'safetensors' | 'torch';
  /** Real paths of the files that hold its weights, each once. */
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  close(): Promise<void>;
}

/**
 * A tensor's values as float32, in C order. F16 and BF16 widen exactly.
 * Rejects with `checkpoint-refused` for any other type, else as `readBytes` does.
 */
export async function readFloat32(
  tensor: CheckpointTensor,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  if (tensor.type === 'F32') return new Float32Array((await tensor.readBytes(signal)).buffer);
  if (tensor.type === 'F16') {
    return new Float32Array(new Float16Array((await tensor.readBytes(signal)).buffer));
  }
  if (tensor.type === 'BF16') {
    return widenBfloat16(new Uint16Array((await tensor.readBytes(signal)).buffer));
  }
  throw new BangerError(
    'checkpoint-refused',
    `The tensor "${tensor.name}" has the element type ${tensor.type}; only F32, F16 and BF16 can be weights.`,
    { nextStep: 'Save the checkpoint again as float32.' },
  );
}

/** A bfloat16 is the upper half of the float32 with the same value. */
function widenBfloat16(values: Uint16Array): Float32Array<ArrayBuffer> {
  const widened = new Uint32Array(values.length);
  values.forEach((value, index) => {
    widened[index] = value << 16;
  });
  return new Float32Array(widened.buffer);
}
