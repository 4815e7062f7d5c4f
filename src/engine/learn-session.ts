/** Runs the one training that can be under way, tells how far it is, and answers the commands about learning. */
import type { CommandHandlers, EmitEvent } from '../shared/contract.ts';
import type { EmbeddingProgress } from '../shared/data-source.ts';
import { asBangerError, BangerError } from '../shared/errors.ts';
import type {
  LabelCounts,
  learnCommands,
  learnEvents,
  TrainingRequest,
  TrainingStatus,
} from '../shared/learn-commands.ts';
import { toldEpochs, toldFailures } from '../shared/learn-commands.ts';
import type { TrainedEpochRecord } from '../shared/training-recipe.ts';
import type { SongFilter } from '../shared/song-query.ts';
import type { Engine } from './engine.ts';
import { compareHeads, evaluateHead, exportNamedHead, listHeads } from './learn-heads.ts';
import { recipeWith, trainNamedHead } from './learn-songs.ts';
import { readCsvColumns } from './learn/csv-columns.ts';
import type { Library } from './library/library.ts';

export interface LearnSession {
  handlers: CommandHandlers<typeof learnCommands>;
  /** Ends a training that is under way and waits for its end; what it has learned is kept. */
  close(): Promise<void>;
}

/** Progress of embedding, and the curve, are told at most this often. */
const toldEveryMs = 250;

const idle: TrainingStatus = {
  state: 'idle',
  name: null,
  request: null,
  embedding: null,
  failures: [],
  notes: [],
  parts: null,
  epochs: [],
  bestEpoch: 0,
  maximumEpochs: 0,
  isResumed: false,
  result: null,
  error: null,
};

/**
 * The handlers of the commands about learning.
 *
 * @param onHeadsChanged called when a head was added to the list
 */
export function learnHandlersOf(
  engine: Engine,
  emit: EmitEvent<typeof learnEvents>,
  onHeadsChanged: () => void = () => undefined,
): LearnSession {
  const training = new TrainingJob(engine, emit, onHeadsChanged);
  return {
    handlers: {
      'start-training': (request) => {
        training.start(request);
        return {};
      },
      'get-training': () => training.status,
      'cancel-training': async () => {
        await training.end();
        return {};
      },
      'count-labels': () => countLabels(engine.library),
      'read-csv-columns': ({ file }, { signal }) => readCsvColumns(file, signal),
      'evaluate-head': (request, { signal }) => {
        const tell = throttled((payload: EmbeddingProgress) => {
          emit({ name: 'evaluation-progressed', payload });
        });
        return evaluateHead(engine, request, { signal, onEmbedding: tell });
      },
      'list-heads': () => listHeads(engine),
      'compare-heads': (request, { signal }) => compareHeads(engine, request, { signal }),
      'export-head': async ({ head, file }) => {
        await exportNamedHead(engine, head, file);
        return {};
      },
    },
    close: () => training.end(),
  };
}

class TrainingJob {
  readonly #engine: Engine;
  readonly #emit: EmitEvent<typeof learnEvents>;
  readonly #onHeadsChanged: () => void;
  #status: TrainingStatus = idle;
  #running: { abort: AbortController; ended: Promise<void> } | null = null;

  constructor(engine: Engine, emit: EmitEvent<typeof learnEvents>, onHeadsChanged: () => void) {
    this.#engine = engine;
    this.#emit = emit;
    this.#onHeadsChanged = onHeadsChanged;
  }

  get status(): TrainingStatus {
    return this.#status;
  }

  /** @throws BangerError `usage` while one is under way, or where the recipe is not valid */
  start(request: TrainingRequest): void {
    if (this.#running !== null) {
      throw new BangerError('usage', `The head “${this.#status.name ?? ''}” is being trained.`, {
        nextStep: 'Wait for it, or cancel it first.',
      });
    }
    const recipe = recipeWith(request.recipe);
    this.#status = {
      ...idle,
      ...{ name: request.name, request, state: 'preparing', maximumEpochs: recipe.epochs },
    };
    this.#tell();
    const abort = new AbortController();
    const ended = this.#run(request, abort.signal).finally(() => {
      this.#running = null;
    });
    this.#running = { abort, ended };
  }

  /** Ends what is under way and waits for it; nothing under way is fine. */
  async end(): Promise<void> {
    this.#running?.abort.abort();
    await this.#running?.ended;
  }

  /** Never rejects: how it ended stands in the status. */
  async #run(request: TrainingRequest, signal: AbortSignal): Promise<void> {
    const epochs: TrainedEpochRecord[] = [];
    let bestEpoch = 0;
    const curve = () => ({ epochs: thinCurve(epochs, bestEpoch), bestEpoch });
    let toldAtMs = -Infinity;
    try {
      const result = await trainNamedHead(this.#engine, request, {
        signal,
        onEmbedding: throttled((embedding: EmbeddingProgress) => {
          this.#change({ state: 'embedding', embedding });
        }),
        onFailure: ({ result }) => {
          const { failures } = this.#status;
          if (failures.length >= toldFailures) return;
          const message = result.error?.message ?? 'It could not be embedded.';
          this.#change({ failures: [...failures, { path: result.path, message }] });
        },
        onData: ({ notes }, { train, validation, test }) => {
          const parts = { train: train.length, validation: validation.length, test: test.length };
          this.#change({ state: 'training', notes: [...notes], parts });
        },
        onResume: (known) => {
          epochs.push(...known);
          this.#change({ ...curve(), isResumed: true });
        },
        onEpoch: (record, best) => {
          epochs.push(record);
          bestEpoch = best;
          if (performance.now() - toldAtMs < toldEveryMs) return;
          toldAtMs = performance.now();
          this.#change(curve());
        },
        onJudging: () => {
          this.#change({ ...curve(), state: 'judging' });
        },
      });
      this.#change({ state: 'finished', result });
      this.#onHeadsChanged();
    } catch (thrown) {
      const error = asBangerError(thrown);
      this.#change(
        error.code === 'cancelled'
          ? { ...curve(), state: 'cancelled' }
          : { ...curve(), state: 'failed', error: error.toRecord() },
      );
    }
  }

  #change(changes: Partial<TrainingStatus>): void {
    this.#status = { ...this.#status, ...changes };
    this.#tell();
  }

  #tell(): void {
    this.#emit({ name: 'training-changed', payload: this.#status });
  }
}

/** A curve of at most `toldEpochs` epochs, spread evenly over all, with the best and the last among them. */
export function thinCurve(epochs: readonly TrainedEpochRecord[], bestEpoch: number): TrainedEpochRecord[] {
  if (epochs.length <= toldEpochs) return [...epochs];
  const step = Math.ceil(epochs.length / (toldEpochs - 2));
  return epochs.filter(
    ({ epoch }, index) => index % step === 0 || index === epochs.length - 1 || epoch === bestEpoch,
  );
}

/** Songs with labels, also those whose files are missing: what was decided of them stays. */
function countLabels(library: Library): LabelCounts {
  const count = (filter: SongFilter) => library.lists.count({ ...filter, missing: 'shown' });
  return {
    kept: count({ verdicts: ['keep'] }),
    rejected: count({ verdicts: ['reject'] }),
    withStars: count({ stars: { min: 1 } }),
    played: library.plays.countSongs(),
  };
}

/** Passes on the first, then one now and then, and always the last one of all. */
function throttled(tell: (progress: EmbeddingProgress) => void): (progress: EmbeddingProgress) => void {
  let toldAtMs = -Infinity;
  return (progress) => {
    const isLast = progress.done >= progress.total;
    if (!isLast && performance.now() - toldAtMs < toldEveryMs) return;
    toldAtMs = performance.now();
    tell(progress);
  };
}
