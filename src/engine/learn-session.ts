/** Runs the one training that can be under way, tells how far it is, and answers the commands about learning. */
import type { CommandHandlers, EmitEvent } from '../shared/contract.ts';
import type { EmbeddingProgress } from '../shared/data-source.ts';
import { asBangerError, BangerError } from '../shared/errors.ts';
import type {
  learnCommands,
  learnEvents,
  TrainingRequest,
  TrainingStatus,
} from '../shared/learn-commands.ts';
import type { Engine } from './engine.ts';
import { compareHeads, evaluateHead, exportNamedHead, listHeads } from './learn-heads.ts';
import { recipeWith, trainNamedHead } from './learn-songs.ts';

export interface LearnSession {
  handlers: CommandHandlers<typeof learnCommands>;
  /** Ends a training that is under way and waits for its end; what it has learned is kept. */
  close(): Promise<void>;
}

/** Progress of embedding is told at most this often. */
const toldEveryMs = 250;

const idle: TrainingStatus = {
  state: 'idle',
  name: null,
  embedding: null,
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
    this.#status = { ...idle, name: request.name, state: 'preparing', maximumEpochs: recipe.epochs };
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
    try {
      const result = await trainNamedHead(this.#engine, request, {
        signal,
        onEmbedding: throttled((embedding: EmbeddingProgress) => {
          this.#change({ state: 'embedding', embedding });
        }),
        onData: () => {
          this.#change({ state: 'training' });
        },
        onResume: (epochs) => {
          this.#change({ epochs: [...epochs], isResumed: true });
        },
        onEpoch: (record, bestEpoch) => {
          this.#change({ epochs: [...this.#status.epochs, record], bestEpoch });
        },
        onJudging: () => {
          this.#change({ state: 'judging' });
        },
      });
      this.#change({ state: 'finished', result });
      this.#onHeadsChanged();
    } catch (thrown) {
      const error = asBangerError(thrown);
      this.#change(
        error.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', error: error.toRecord() },
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
