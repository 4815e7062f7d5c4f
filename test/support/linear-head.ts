/** Makes the smallest head that there can be: one linear layer, whose scores a test knows in advance. */
import { writeFileSync } from 'node:fs';
import { makeSafetensors } from './checkpoints.ts';
import { float32Bytes } from './torch-writer.ts';

/** Writes a head that gives every embedding of this size the same raw score. */
export function writeConstantHead(file: string, embeddingSize: number, rawScore: number): void {
  const weightBytes = embeddingSize * 4;
  const header = {
    'net.0.weight': { dtype: 'F32', shape: [1, embeddingSize], data_offsets: [0, weightBytes] },
    'net.0.bias': { dtype: 'F32', shape: [1], data_offsets: [weightBytes, weightBytes + 4] },
  };
  const values = [...Array.from({ length: embeddingSize }, () => 0), rawScore];
  writeFileSync(file, makeSafetensors(header, float32Bytes(...values)));
}
