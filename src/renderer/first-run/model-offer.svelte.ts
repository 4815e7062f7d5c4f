/** What a download of models would mean here: size, licence, place, time; read once while somebody looks at it. */
import type { CommandResponse } from '../../shared/call-command.ts';
import type { EngineCommands } from '../../shared/engine-commands.ts';
import { asBangerError, type BangerError } from '../../shared/errors.ts';
import type { AppClient } from '../client/app-client.svelte.ts';

type Plan = CommandResponse<EngineCommands, 'plan-model-download'>;
export type HubAccess = CommandResponse<EngineCommands, 'get-hub-access'>;

export class ModelOffer {
  plan = $state.raw<Plan | null>(null);
  /** Why the Hub could not be asked. */
  planError = $state.raw<BangerError | null>(null);
  access = $state.raw<HubAccess | null>(null);
  secondsPerSong = $state<number | null>(null);
  /** Songs that the library holds. */
  songCount = $state(0);
  readonly ids: readonly string[];
  readonly #client: AppClient;
  readonly #encoderId: string | null;
  readonly #ended = new AbortController();

  /** @param encoderId the encoder among the models, whose pace is told; null where there is none */
  constructor(client: AppClient, ids: readonly string[], encoderId: string | null) {
    this.#client = client;
    this.ids = ids;
    this.#encoderId = encoderId;
  }

  get totalBytes(): number {
    return this.plan?.plans.reduce((sum, { totalBytes }) => sum + totalBytes, 0) ?? 0;
  }

  get remainingBytes(): number {
    return this.plan?.plans.reduce((sum, { remainingBytes }) => sum + remainingBytes, 0) ?? 0;
  }

  /** Reads everything; what fails is left out, except the plan, whose failure is told. */
  async read(): Promise<void> {
    await Promise.all([this.readPlan(), this.readAccess(), this.#readTime(), this.#readSongCount()]);
  }

  async readPlan(): Promise<void> {
    this.planError = null;
    try {
      this.plan = await this.#call('plan-model-download', { ids: [...this.ids] });
    } catch (thrown) {
      if (!this.#ended.signal.aborted) this.planError = asBangerError(thrown);
    }
  }

  async readAccess(): Promise<void> {
    this.access = await this.#call('get-hub-access', {}).catch(() => null);
  }

  close(): void {
    this.#ended.abort();
  }

  async #readTime(): Promise<void> {
    if (this.#encoderId === null) return;
    const estimate = await this.#call('estimate-encoding', { encoderId: this.#encoderId }).catch(() => null);
    this.secondsPerSong = estimate?.secondsPerSong ?? null;
  }

  async #readSongCount(): Promise<void> {
    const counted = await this.#call('count-songs', {}).catch(() => null);
    this.songCount = counted?.count ?? 0;
  }

  #call: AppClient['call'] = (name, request) =>
    this.#client.call(name, request, { signal: this.#ended.signal });
}
