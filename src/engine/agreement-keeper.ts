/** Keeps what is known about the agreement of precisions, and measures it by itself where one is used first. */
import { z } from 'zod';
import type { CommandHandlers, EmitEvent } from '../shared/contract.ts';
import type { ErrorRecord } from '../shared/errors.ts';
import { asBangerError, BangerError } from '../shared/errors.ts';
import type { Precision } from '../shared/library.ts';
import type {
  Agreement,
  AgreementProgress,
  precisionCommands,
  precisionEvents,
  PrecisionState,
} from '../shared/precision-commands.ts';
import { agreementSchema, agreementSongs } from '../shared/precision-commands.ts';
import type { ChosenModels } from './choose-models.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library/library.ts';
import type { Setting } from './library/tables/settings-table.ts';
import { measureAgreement } from './measure-agreement.ts';

const storedSchema = z.array(agreementSchema);
const stored: Setting<typeof storedSchema> = { name: 'precision-agreements', schema: storedSchema };

/** What two comparisons must have in common to be of the same thing. */
type AgreementKey = Pick<Agreement, 'encoderSha256' | 'headSha256' | 'precision' | 'provider'>;

/** With fewer songs there is no order to agree on. */
const FEWEST_SONGS = 4;

/** All comparisons that a library keeps. */
export function readAgreements(library: Library): Agreement[] {
  return library.settings.get(stored) ?? [];
}

/** Keeps a comparison in the place of an older one of the same. */
export function keepAgreement(library: Library, agreement: Agreement): void {
  library.transaction(() => {
    const others = readAgreements(library).filter((other) => keyOf(other) !== keyOf(agreement));
    library.settings.set(stored, [...others, agreement]);
  });
}

function keyOf({ encoderSha256, headSha256, precision, provider }: AgreementKey): string {
  return [encoderSha256, headSha256, precision, provider].join(' ');
}

export interface AgreementKeeperOptions {
  engine: Engine;
  /** The models in use, null while there are none. */
  models: () => ChosenModels | null;
  emit: EmitEvent<typeof precisionEvents>;
}

export class AgreementKeeper {
  readonly #options: AgreementKeeperOptions;
  #progress: AgreementProgress | null = null;
  #problem: ErrorRecord | null = null;
  #running: { abort: AbortController; ended: Promise<unknown> } | null = null;
  /** What was tried in vain or ended by the person, which is not begun again by itself. */
  readonly #givenUp = new Set<string>();
  /** How many pieces of work want the machine for themselves just now. */
  #asides = 0;
  #isClosed = false;

  constructor(options: AgreementKeeperOptions) {
    this.#options = options;
  }

  readonly handlers: CommandHandlers<typeof precisionCommands> = {
    'get-precisions': () => this.#state(),
    'measure-agreement': async ({ precision }, { signal }) => {
      if (this.#asides > 0) {
        throw new BangerError('usage', 'The ways to run the encoder are being measured just now.', {
          nextStep: 'Compare once that is done.',
        });
      }
      // Another request may have begun one while the former was ending.
      while (this.#running !== null) await this.#end();
      return this.#measure(this.#requireModels(), precision, signal);
    },
    'cancel-agreement': async () => {
      await this.#end();
      return {};
    },
  };

  /** Measures the precision in use in the background, unless that was done on as many songs as it takes. */
  consider(): void {
    const { engine } = this.#options;
    const models = this.#options.models();
    if (models === null || this.#running !== null || this.#isClosed || this.#asides > 0) return;
    // While the battery is low or the machine very hot, this waits like songs do.
    if (engine.pace.restBecause !== null) return;
    const precision = engine.precisionOf(models.encoder);
    const key = keyOf(this.#keyFor(models, precision));
    if (precision === 'fp32' || this.#givenUp.has(key)) return;
    const known = readAgreements(engine.library).find((agreement) => keyOf(agreement) === key)?.songs ?? 0;
    const songs = Math.min(agreementSongs, engine.library.lists.count({}));
    // As many as there are will do; with twice as many it is worth another look.
    if (songs < FEWEST_SONGS || songs < 2 * known || known >= agreementSongs) return;
    this.#measure(models, precision).catch(() => {
      // It stands in the state; nobody waits for it.
    });
  }

  /** Ends a comparison that is under way and begins none until some work is done that wants the machine for itself. */
  async standAside<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#asides += 1;
    try {
      await this.#end();
      return await work();
    } finally {
      this.#asides -= 1;
      this.consider();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const running = this.#running;
    running?.abort.abort();
    await running?.ended;
  }

  async #measure(models: ChosenModels, precision: Precision, signal?: AbortSignal): Promise<Agreement> {
    const { engine } = this.#options;
    const abort = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    this.#running = { abort, ended };
    this.#problem = null;
    try {
      const agreement = await measureAgreement(engine, models, {
        precision,
        signal: signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]),
        onProgress: (progress) => {
          this.#progress = { precision, ...progress };
          this.#tell();
        },
      });
      keepAgreement(engine.library, agreement);
      return agreement;
    } catch (thrown) {
      const error = asBangerError(thrown);
      const isCancelled = error.code === 'cancelled';
      this.#problem = isCancelled ? null : error.toRecord();
      // One that ended with the process that it ran in begins again with the next.
      const isUnwanted = abort.signal.aborted && this.#asides === 0;
      if (!isCancelled || isUnwanted) this.#givenUp.add(keyOf(this.#keyFor(models, precision)));
      throw error;
    } finally {
      this.#running = null;
      this.#progress = null;
      resolve(undefined);
      this.#tell();
    }
  }

  #keyFor({ encoder, head }: ChosenModels, precision: Precision): AgreementKey {
    return {
      encoderSha256: encoder.description.sha256,
      headSha256: head.description.sha256,
      precision,
      provider: this.#options.engine.provider,
    };
  }

  #requireModels(): ChosenModels {
    const models = this.#options.models();
    if (models !== null) return models;
    throw new BangerError('usage', 'Nothing can be scored just now, so nothing can be compared.');
  }

  #state(): PrecisionState {
    const { engine } = this.#options;
    const models = this.#options.models();
    const base = { progress: this.#progress, problem: this.#problem };
    if (models === null) return { ...base, choices: ['fp32'], agreements: [] };
    const choices = [...engine.precisionsOf(models.encoder)];
    const keys = choices.map((precision) => keyOf(this.#keyFor(models, precision)));
    const agreements = readAgreements(engine.library).filter((agreement) => keys.includes(keyOf(agreement)));
    return { ...base, choices, agreements };
  }

  #tell(): void {
    if (!this.#isClosed) this.#options.emit({ name: 'precisions-changed', payload: this.#state() });
  }
}
