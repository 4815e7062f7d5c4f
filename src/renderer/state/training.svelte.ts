/** The one training that can be under way, and the heads that are here; known wherever the window is. */
import type { AppClient } from '../client/app-client.svelte.ts';
import type { ListedHead, TrainingRequest, TrainingStatus } from '../../shared/learn-commands.ts';
import type { Notices } from './notices.svelte.ts';

const ended: ReadonlySet<TrainingStatus['state']> = new Set(['idle', 'finished', 'failed', 'cancelled']);

export class Training {
  /** Null until the engine has said. */
  status = $state.raw<TrainingStatus | null>(null);
  /** Null until they were asked for. */
  heads = $state.raw<readonly ListedHead[] | null>(null);
  /** Called when a training has ended by itself, well or not. */
  onEnded: (status: TrainingStatus) => void = () => undefined;

  readonly #client: AppClient;
  readonly #notices: Notices;

  constructor(client: AppClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
    client.onConnected(() => void this.#read());
    client.on('training-changed', (status) => {
      const wasRunning = this.isRunning;
      this.status = status;
      if (wasRunning && !this.isRunning && status.state !== 'cancelled') this.onEnded(status);
    });
    client.on('models-changed', () => {
      if (this.heads !== null) void this.readHeads();
    });
  }

  get isRunning(): boolean {
    return this.status !== null && !ended.has(this.status.state);
  }

  /** @throws BangerError `usage` while one is under way */
  async start(request: TrainingRequest): Promise<void> {
    await this.#client.call('start-training', request);
  }

  async cancel(): Promise<void> {
    try {
      await this.#client.call('cancel-training', {});
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async readHeads(): Promise<void> {
    try {
      this.heads = await this.#client.call('list-heads', {});
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async #read(): Promise<void> {
    try {
      this.status = await this.#client.call('get-training', {});
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }
}
