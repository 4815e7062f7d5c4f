/** Keeps a training on disk between epochs, so that a run that was killed goes on where it was. */
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { hasErrorCode } from '../../shared/errors.ts';
import { trainedEpochRecordSchema } from '../../shared/training-recipe.ts';
import type { TrainingTensors } from '../inference/training-protocol.ts';
import { readFloat32 } from '../models/checkpoint.ts';
import { readSafetensorsMetadata } from '../models/safetensors-metadata.ts';
import { writeSafetensors } from '../models/safetensors-writer.ts';
import { withCheckpoint } from '../models/with-checkpoint.ts';

/** The name of the progress in the file's header. */
const progressKey = 'banger.training';

const progressSchema = z.object({
  /** Names data, split and recipe: another training never goes on from this one. */
  key: z.string(),
  stepsDone: z.int().nonnegative(),
  epochs: z.array(trainedEpochRecordSchema),
  /** Number of the best epoch so far, from 1; 0 before the first. */
  bestEpoch: z.int().nonnegative(),
});

/** A training between two epochs. Order and dropout of an epoch follow from the seed, so nothing else is needed. */
export interface TrainingState extends z.infer<typeof progressSchema> {
  tensors: TrainingTensors;
  /** The head's tensors after the best epoch. */
  best: TrainingTensors;
}

const currentPrefix = 'current.';
const bestPrefix = 'best.';

export class TrainingCheckpoint {
  readonly #file: string;

  /** @param file a safetensors file that this training alone uses */
  constructor(file: string) {
    this.#file = file;
  }

  /** Stores a state in place of the last one, whole or not at all. @throws BangerError `disk-full`, `file-unwritable` */
  async save({ tensors, best, ...progress }: TrainingState): Promise<void> {
    const entries = [
      ...Object.entries(tensors).map(([name, values]) => [currentPrefix + name, values] as const),
      ...Object.entries(best).map(([name, values]) => [bestPrefix + name, values] as const),
    ];
    await writeSafetensors(
      this.#file,
      entries.map(([name, values]) => ({
        name,
        type: 'F32' as const,
        shape: [values.length],
        readBytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      })),
      { metadata: { [progressKey]: JSON.stringify(progress) } },
    );
  }

  /** The state that was stored last, null where there is none of this training or it cannot be read. */
  async load(key: string): Promise<TrainingState | null> {
    try {
      const metadata = await readSafetensorsMetadata(this.#file);
      const progress = progressSchema.parse(JSON.parse(metadata[progressKey] ?? 'null'));
      if (progress.key !== key) return null;
      const [tensors, best] = await withCheckpoint(this.#file, async (checkpoint) => {
        const parts: [TrainingTensors, TrainingTensors] = [{}, {}];
        for (const tensor of checkpoint.tensors.values()) {
          const isBest = tensor.name.startsWith(bestPrefix);
          const name = tensor.name.slice((isBest ? bestPrefix : currentPrefix).length);
          parts[isBest ? 1 : 0][name] = await readFloat32(tensor);
        }
        return parts;
      });
      return { ...progress, tensors, best };
    } catch (thrown) {
      // Without a checkpoint that can be read the training begins anew; it costs time and nothing else.
      const isExpected =
        thrown instanceof z.ZodError ||
        thrown instanceof SyntaxError ||
        hasErrorCode(thrown, 'model-missing') ||
        hasErrorCode(thrown, 'checkpoint-corrupt') ||
        hasErrorCode(thrown, 'checkpoint-refused');
      if (isExpected) return null;
      throw thrown;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
