/** Embeddings as SQLite blobs: float32, little-endian, one after another, bit for bit. */
import os from 'node:os';
import { BangerError } from '../../shared/errors.ts';

const isBigEndian = os.endianness() === 'BE';

/**
 * A vector as the bytes that are stored.
 *
 * @throws BangerError `inference-failed` when a value is NaN or infinite: it would poison every score and
 *   similarity made from it
 */
export function encodeVector(vector: Float32Array): Buffer {
  if (!vector.every(Number.isFinite)) {
    throw new BangerError('inference-failed', 'The encoder gave a value that is not a finite number.', {
      nextStep: 'Check the encoder’s checkpoint, or use the reference precision fp32.',
    });
  }
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return isBigEndian ? Buffer.from(bytes).swap32() : bytes;
}

/** Copies a stored vector into `target`, which must be exactly as long; false when the blob has another length. */
export function decodeVectorInto(blob: Buffer, target: Float32Array): boolean {
  if (blob.byteLength !== target.byteLength) return false;
  // Copied as bytes, because a blob may start at an address that float32 cannot be read from.
  const bytes = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
  bytes.set(blob);
  if (isBigEndian) bytes.swap32();
  return true;
}
