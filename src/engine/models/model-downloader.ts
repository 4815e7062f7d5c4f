/** The one download that an app has under way: several models one after another, paused and resumed by a person. */
import type { ModelDownload } from '../../shared/model-commands.ts';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import { requireDownloadable } from './catalogue.ts';
import type { HubSettings } from './hub-settings.ts';
import { planPull, pullModel, type PullPlan, type TransferOptions } from './model-pull.ts';
import type { TransferProgress } from './transfer-meter.ts';

export interface ModelDownloaderOptions {
  /** How the Hub is reached when a download begins. */
  settings: () => HubSettings;
  /** Called at every change of state, and a few times a second while bytes arrive. */
  onProgress: (download: ModelDownload) => void;
  /** Called when all models of a download are installed. */
  onFinished: () => void;
  /** Waits and limits that differ from the defaults. */
  policy?: TransferOptions['policy'];
}

const idle: ModelDownload = {
  state: 'idle',
  ids: [],
  receivedBytes: 0,
  totalBytes: 0,
  bytesPerSecond: null,
  etaSeconds: null,
  error: null,
};

export class ModelDownloader {
  readonly #options: ModelDownloaderOptions;
  #download: ModelDownload = idle;
  #ended = new AbortController();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ModelDownloaderOptions) {
    this.#options = options;
  }

  get download(): ModelDownload {
    return this.#download;
  }

  /**
   * Begins a download, or goes on with one that was paused or broke; what has arrived is kept either way. The same
   * models again while they are being downloaded change nothing.
   *
   * @throws BangerError `usage` while other models are being downloaded, or as `requireDownloadable`
   */
  async start(ids: readonly string[]): Promise<void> {
    const wanted = [...new Set(ids)];
    for (const id of wanted) requireDownloadable(id);
    if (this.#download.state === 'running') {
      if (wanted.every((id) => this.#download.ids.includes(id))) return;
      throw new BangerError('usage', 'Another download is under way.', {
        nextStep: 'Wait until it is done, or pause it first.',
      });
    }
    if (this.#running !== null) {
      // A pause is still putting away what has arrived.
      await this.#running;
      await this.start(ids);
      return;
    }
    if (this.#isClosed) throw new BangerError('cancelled', 'The app is ending its work.');
    const isResumed = wanted.join() === this.#download.ids.join() && this.#download.state !== 'finished';
    const { receivedBytes, totalBytes } = isResumed ? this.#download : idle;
    this.#ended = new AbortController();
    this.#tell({ ...idle, state: 'running', ids: wanted, receivedBytes, totalBytes });
    this.#running = this.#run(wanted, this.#ended.signal).finally(() => {
      this.#running = null;
    });
  }

  /** Stops the download and keeps what has arrived. Harmless where none is under way. */
  async pause(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** Ends as a pause does, for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.pause();
  }

  /** Never rejects: how it ended is in its state. */
  async #run(ids: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const settings = this.#options.settings();
      const transfer = {
        signal,
        ...(this.#options.policy !== undefined && { policy: this.#options.policy }),
      };
      const plans: PullPlan[] = [];
      for (const id of ids) plans.push(await planPull(id, settings, transfer));
      for (const [index, plan] of plans.entries()) {
        await pullModel(plan, settings, {
          ...transfer,
          onProgress: (progress) => {
            if (!signal.aborted) this.#tell(this.#progressOf(plans, index, progress));
          },
        });
      }
      this.#tell({ ...this.#download, state: 'finished', bytesPerSecond: null, etaSeconds: null });
      this.#options.onFinished();
    } catch (thrown) {
      const stopped = { ...this.#download, bytesPerSecond: null, etaSeconds: null };
      if (signal.aborted) this.#tell({ ...stopped, state: 'paused' });
      else this.#tell({ ...stopped, state: 'failed', error: asBangerError(thrown).toRecord() });
    }
  }

  #progressOf(plans: readonly PullPlan[], index: number, progress: TransferProgress): ModelDownload {
    const sumOf = (some: readonly PullPlan[], bytes: (plan: PullPlan) => number) =>
      some.reduce((sum, plan) => sum + bytes(plan), 0);
    const present = (plan: PullPlan) => plan.totalBytes - plan.remainingBytes;
    const current = plans[index];
    const after = plans.slice(index + 1);
    // What was here before counts from the start, not only once its turn comes.
    const received = Math.max(progress.receivedBytes, current === undefined ? 0 : present(current));
    const receivedBytes =
      sumOf(plans.slice(0, index), (plan) => plan.totalBytes) + received + sumOf(after, present);
    const totalBytes = sumOf(plans, (plan) => plan.totalBytes);
    const { bytesPerSecond } = progress;
    const isMeasured = bytesPerSecond !== null && bytesPerSecond > 0;
    const etaSeconds = isMeasured ? (totalBytes - receivedBytes) / bytesPerSecond : null;
    return { ...this.#download, receivedBytes, totalBytes, bytesPerSecond, etaSeconds };
  }

  #tell(download: ModelDownload): void {
    this.#download = download;
    this.#options.onProgress(download);
  }
}
