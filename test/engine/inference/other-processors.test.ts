/** Processors with fewer instructions than this machine’s, emulated: the same embeddings, in bytes too. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { hasProgram } from '../../support/installed-program.ts';
import { cosineSimilarity, maxAbsDifference, readParityArray } from '../../support/parity.ts';

const emulator = 'qemu-x86_64';
const program = join(import.meta.dirname, '..', '..', 'support', 'encode-in-process.ts');
const encoder = 'tiny-330m-like';
const wave = 'w0p5';

const freshFolder = useFreshFolder();
const hasEmulator =
  process.arch === 'x64' &&
  process.platform === 'linux' &&
  hasProgram(emulator, '-version', 'apt-get install qemu-user');

const embeddingSchema = z.array(z.number()).transform((values) => Float32Array.from(values));
const foundSchema = z.object({ byteWeights: z.string(), fp32: embeddingSchema, int8: embeddingSchema });

async function encodeOn(processor: string): Promise<z.output<typeof foundSchema>> {
  const { stdout } = await promisify(execFile)(emulator, [
    ...['-cpu', processor, process.execPath],
    ...[program, encoder, wave, freshFolder(processor)],
  ]);
  return foundSchema.parse(JSON.parse(stdout));
}

describe.runIf(hasEmulator)('a processor', () => {
  test.each([
    // Adds two products of bytes in 16 bits, where the largest ones saturate.
    { processor: 'Haswell-v4', instructions: 'AVX2', kept: 'unsigned' },
    { processor: 'Nehalem-v1', instructions: 'SSE 4.2', kept: 'signed' },
  ])('with $instructions and no more', { timeout: 180_000 }, async ({ processor, kept }) => {
    const { data: expected } = readParityArray('encoders', encoder, `expected.${wave}.embedding.npy`);
    const { byteWeights, fp32, int8 } = await encodeOn(processor);
    expect(maxAbsDifference(fp32, expected)).toBeLessThanOrEqual(2e-4);
    expect(byteWeights).toBe(kept);
    expect(cosineSimilarity(int8, expected)).toBeGreaterThanOrEqual(0.999);
  });
});
