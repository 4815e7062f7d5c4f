/** Shows how far embedding and training are, and says which songs failed. */
import type { EmbeddingProgress } from '../shared/data-source.ts';
import { formatDuration } from '../shared/format-quantities.ts';
import type { SongResult } from '../shared/song-result.ts';
import type { TrainedEpochRecord } from '../shared/training-recipe.ts';
import { printNote } from './print-error.ts';
import { progressBar } from './progress-line.ts';

/** More failures than this are counted only. */
const listedFailures = 20;

export function describeEmbedding(progress: EmbeddingProgress): string {
  const { done, total, failed, cached, songsPerSecond, etaSeconds } = progress;
  const parts = [`${progressBar(total === 0 ? 1 : done / total)} ${done} of ${total} songs embedded`];
  if (cached > 0) parts.push(`${cached} known`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (songsPerSecond !== null) parts.push(`${songsPerSecond.toFixed(songsPerSecond < 10 ? 1 : 0)} songs/s`);
  if (etaSeconds !== null && done < total) parts.push(`${formatDuration(etaSeconds)} to go`);
  return parts.join(' · ');
}

export function describeEpoch(
  { epoch, trainLoss, validationMae, validationSpearman }: TrainedEpochRecord,
  bestEpoch: number,
  epochs: number,
): string {
  const rank = validationSpearman === null ? '–' : validationSpearman.toFixed(3);
  return `Epoch ${epoch} of at most ${epochs} · loss ${trainLoss.toFixed(4)} · validation MAE ${validationMae.toFixed(3)}, rank correlation ${rank} · best ${bestEpoch}`;
}

/** Collects the songs that failed, to name the first of them with their reasons once the progress line is gone. */
export class FailureNotes {
  readonly #lines: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ path, error }: SongResult): void {
    this.#count += 1;
    if (this.#count > listedFailures) return;
    this.#lines.push(`banger: ${error?.message ?? 'This song could not be embedded.'}`, `  ${path}`);
  }

  print(): void {
    for (const line of this.#lines) printNote(line);
    if (this.#count > listedFailures) printNote(`${this.#count - listedFailures} more songs failed.`);
  }
}
