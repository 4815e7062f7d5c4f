/** What goes on in the background: watched folders, jobs, downloads, models in use. */
import type { AppClient } from '../client/app-client.svelte.ts';
import type { WorkState } from '../../shared/app-commands.ts';
import type { JobProgress } from '../../shared/jobs.ts';
import type { ModelDownload, ModelListing, ModelsInUse } from '../../shared/model-commands.ts';
import type { WatchedFolderStatus } from '../../shared/watch.ts';
import { SpellMeter, type Spell } from '../jobs/spell-of-work.ts';
import type { Notices } from './notices.svelte.ts';

export class Work {
  state = $state.raw<WorkState>({ state: 'starting', reason: null });
  folders = $state.raw<readonly WatchedFolderStatus[]>([]);
  /** False until the engine has said which folders there are: only then is a first run known to be one. */
  areFoldersKnown = $state(false);
  /** Null until the first answer. */
  jobs = $state.raw<JobProgress | null>(null);
  /** How far the songs are that wait now, null while none does. */
  spell = $state.raw<Spell | null>(null);
  models = $state.raw<readonly ModelListing[]>([]);
  modelsInUse = $state.raw<ModelsInUse | null>(null);
  download = $state.raw<ModelDownload | null>(null);
  readonly #client: AppClient;
  readonly #notices: Notices;
  readonly #meter = new SpellMeter();

  constructor(client: AppClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
    client.onConnected(() => {
      void this.#read();
      void this.readModels();
    });
    client.on('work-state-changed', (state) => {
      this.state = state;
      void this.#read();
      void this.readModels();
    });
    client.on('folder-state-changed', () => void this.readFolders());
    client.on('library-changed', ({ topics }) => {
      if (topics.includes('folders')) void this.readFolders();
      if (topics.includes('jobs')) void this.#readJobs();
    });
    client.on('job-progressed', (progress) => {
      this.#showJobs(progress);
    });
    client.on('model-download-progressed', (download) => {
      this.download = download;
    });
    client.on('models-changed', () => void this.readModels());
  }

  /** Songs that wait for their turn or are worked on. */
  get openJobs(): number {
    const counts = this.jobs?.counts;
    return counts === undefined ? 0 : counts.waiting + counts.running;
  }

  get isPaused(): boolean {
    return this.jobs?.runner.state === 'paused';
  }

  get hasMert(): boolean {
    const isThere = (kind: string, id: string) =>
      this.models.some((model) => model.kind === kind && model.id === id && model.state === 'installed');
    return isThere('encoder', 'mert-v1-330m') && isThere('head', 'banger');
  }

  /** Watches folders from now on. @returns whether all of them are watched now */
  async addFolders(paths: readonly string[]): Promise<boolean> {
    try {
      for (const path of paths) await this.#client.call('add-watched-folder', { path });
      await this.readFolders();
      return true;
    } catch (thrown) {
      this.#notices.showError(thrown);
      return false;
    }
  }

  async togglePause(): Promise<void> {
    try {
      await this.#client.call(this.isPaused ? 'resume-jobs' : 'pause-jobs', {});
      await this.#readJobs();
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async readFolders(): Promise<void> {
    try {
      this.folders = await this.#client.call('list-watched-folders', {});
      this.areFoldersKnown = true;
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async readModels(): Promise<void> {
    try {
      [this.models, this.modelsInUse] = await Promise.all([
        this.#client.call('list-models', {}),
        this.#client.call('get-models-in-use', {}),
      ]);
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async #read(): Promise<void> {
    try {
      [this.state, this.download] = await Promise.all([
        this.#client.call('get-work-state', {}),
        this.#client.call('get-model-download', {}),
      ]);
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
    await Promise.all([this.readFolders(), this.#readJobs()]);
  }

  async #readJobs(): Promise<void> {
    try {
      this.#showJobs(await this.#client.call('get-job-progress', {}));
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  #showJobs(jobs: JobProgress): void {
    this.jobs = jobs;
    this.spell = this.#meter.update(jobs.counts);
  }
}
