/** Everything that runs over one open library for an app: what answers commands, watches, scores and downloads. */
import { join } from 'node:path';
import type { EmitEngineEvent, EngineHandlers } from '../shared/engine-commands.ts';
import { analysisHandlers } from './analyze-songs.ts';
import { AgreementKeeper } from './agreement-keeper.ts';
import { appHandlers } from './app-commands.ts';
import { calibrationHandlers } from './calibration-handlers.ts';
import { ChangeWatch } from './change-watch.ts';
import { curateHandlersOf } from './curate-songs.ts';
import type { MoveToTrash } from './curate/trash-rejects.ts';
import type { DataFolders } from './data-folders.ts';
import { Engine } from './engine.ts';
import type { LaunchInference } from './inference/inference-channel.ts';
import { learnHandlersOf, type LearnSession } from './learn-session.ts';
import { insightHandlers } from './insight-commands.ts';
import { libraryHandlers } from './library-commands.ts';
import { modelHandlers } from './model-commands.ts';
import { ModelDownloader } from './models/model-downloader.ts';
import { PaceKeeper } from './pace-keeper.ts';
import { PlaybackCache } from './playback-cache.ts';
import { reportHandlers } from './report-commands.ts';
import { SettingsStore } from './settings-store.ts';
import { referenceHandlers } from './state-reference.ts';
import { metadataHandlersOf } from './tag-songs.ts';
import { WorkKeeper } from './work-keeper.ts';

export interface RunningEngineOptions {
  /** Places that differ from the platform's. */
  folders?: Partial<DataFolders> | undefined;
  /** Path of an ffmpeg from the person's settings. */
  ffmpegPath?: string | undefined;
  /** Starts inference processes in another way than as children of this process. */
  launchInference?: LaunchInference | undefined;
  /** Another trash than the system's own, such as a desktop shell's. */
  moveToTrash?: MoveToTrash | undefined;
  /** Access token for downloads; null or left out for the environment's. */
  hubToken?: string | null | undefined;
  /** How long files must stand still before they are read. */
  settleSeconds?: number | undefined;
  /** Between two looks through a watched folder. */
  rescanSeconds?: number | undefined;
}

/** What a running engine tells, and what it leaves to its host. */
export interface RunningEngineLinks {
  emit: EmitEngineEvent;
  restore: (backupFile: string) => Promise<{ keptFile: string | null }>;
}

export class RunningEngine {
  readonly handlers: EngineHandlers;
  readonly changes: ChangeWatch;
  readonly settings: SettingsStore;
  readonly #engine: Engine;
  readonly #keeper: WorkKeeper;
  readonly #pace: PaceKeeper;
  readonly #agreement: AgreementKeeper;
  readonly #downloader: ModelDownloader;
  readonly #playback: PlaybackCache;
  readonly #learning: LearnSession;

  private constructor(engine: Engine, options: RunningEngineOptions, { emit, restore }: RunningEngineLinks) {
    const { moveToTrash, settleSeconds, rescanSeconds } = options;
    const settings = new SettingsStore(engine.library);
    this.#engine = engine;
    this.settings = settings;
    const tellWork: EmitEngineEvent = (event) => {
      emit(event);
      // Songs are there now, or there is another precision.
      const isIdle = event.name === 'job-progressed' && event.payload.runner.state === 'idle';
      if (isIdle || event.name === 'models-changed') this.#agreement.consider();
    };
    this.#keeper = new WorkKeeper({ engine, settings, emit: tellWork, settleSeconds, rescanSeconds });
    this.#agreement = new AgreementKeeper({ engine, models: () => this.#keeper.models, emit });
    this.#pace = new PaceKeeper({
      engine,
      settings,
      onChanged: () => {
        this.#keeper.tellProgress();
      },
    });
    this.#playback = new PlaybackCache({ folder: join(engine.folders.cacheFolder, 'playback') });
    this.#downloader = new ModelDownloader({
      settings: () => engine.hubSettings,
      onProgress: (download) => {
        emit({ name: 'model-download-progressed', payload: download });
      },
      onFinished: () => {
        emit({ name: 'models-changed', payload: {} });
      },
    });
    this.#learning = learnHandlersOf(engine, emit, () => {
      emit({ name: 'models-changed', payload: {} });
    });
    this.changes = new ChangeWatch({ library: engine.library, settings, emit });
    this.handlers = {
      ...libraryHandlers(engine.library),
      ...analysisHandlers(engine, emit),
      ...referenceHandlers(engine),
      ...insightHandlers(engine.library),
      ...reportHandlers(engine),
      ...curateHandlersOf(engine, { emit, moveToTrash }),
      ...metadataHandlersOf(engine),
      ...this.#keeper.handlers,
      ...modelHandlers({ engine, downloader: this.#downloader, keeper: this.#keeper, emit }),
      ...calibrationHandlers({
        engine,
        encoderInUse: () => this.#keeper.models?.encoder ?? null,
        emit,
        alone: (work) => this.#agreement.standAside(work),
      }),
      ...this.#agreement.handlers,
      ...this.#learning.handlers,
      ...appHandlers({
        engine,
        settings,
        keeper: this.#keeper,
        pace: this.#pace,
        playback: this.#playback,
        restore,
      }),
    };
  }

  /**
   * Opens the library; what takes longer begins in the background.
   *
   * @throws BangerError as `openLibrary`, and `usage` where the environment's Hub settings are not valid
   */
  static async open(options: RunningEngineOptions, links: RunningEngineLinks): Promise<RunningEngine> {
    const { folders, ffmpegPath, launchInference, hubToken } = options;
    const engine = await Engine.open({
      ...(folders !== undefined && { folders }),
      ffmpegPath,
      launchInference,
      hubToken,
    });
    try {
      await engine.useRuntime(new SettingsStore(engine.library).read());
      const running = new RunningEngine(engine, options, links);
      running.#pace.start();
      running.#keeper.start();
      return running;
    } catch (thrown) {
      await engine.close();
      throw thrown;
    }
  }

  /** The token given to this engine while it ran, for the one that follows it. */
  get hubToken(): string | null {
    return this.#engine.givenHubToken;
  }

  /** Ends everything; what was begun is given back. No command may be under way. */
  async close(): Promise<void> {
    this.changes.close();
    await Promise.all([
      this.#keeper.stop(),
      this.#pace.stop(),
      this.#agreement.close(),
      this.#learning.close(),
      this.#downloader.close(),
      this.#playback.close(),
    ]);
    await this.#engine.close();
  }
}
