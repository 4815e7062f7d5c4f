/**
 * The product without a window: composes the rooms into what a person can do. Command line, server and desktop
 * app are thin callers of this file.
 */
import { availableParallelism } from 'node:os';
import { referenceWindow } from '../shared/audio.ts';
import { BangerError } from '../shared/errors.ts';
import type { Precision } from '../shared/library.ts';
import type { Pace, QuietReason } from '../shared/pace.ts';
import { usualPace } from '../shared/pace.ts';
import type { JobReason } from '../shared/jobs.ts';
import type { ScoringProgress } from '../shared/song-result.ts';
import type { Ffmpeg } from './audio/find-ffmpeg.ts';
import { findFfmpeg } from './audio/find-ffmpeg.ts';
import type { ChosenModels, ModelChoice } from './choose-models.ts';
import { chooseModels } from './choose-models.ts';
import type { DataFolders } from './data-folders.ts';
import { defaultDataFolders } from './data-folders.ts';
import type { LaunchInference } from './inference/inference-channel.ts';
import { InferenceClient } from './inference/inference-client.ts';
import { unknownProvider } from './inference/unknown-provider.ts';
import { SoundMeter } from './insight/sound-meter.ts';
import type { Library } from './library/library.ts';
import { openLibrary } from './library/open-library.ts';
import type { DerivedWeights } from './models/derived-weights.ts';
import { listDerivedWeights, removeDerivedWeights } from './models/derived-weights.ts';
import type { HubSettings } from './models/hub-settings.ts';
import { readHubSettings, requirePossibleToken } from './models/hub-settings.ts';
import { modelChecks } from './models/model-checks.ts';
import type { PulledModel, PullOptions, PullPlan } from './models/model-pull.ts';
import { planPull, pullModel } from './models/model-pull.ts';
import { encoderVariant, precisionsOf } from './models/encoder-variant.ts';
import { ModelStore } from './models/model-store.ts';
import type { PreparedEncoder } from './models/prepared-encoder.ts';
import { weightsFolder } from './models/prepared-encoder.ts';
import type { CollectedFiles } from './scoring/collect-files.ts';
import { collectFiles } from './scoring/collect-files.ts';
import { scoreFiles } from './scoring/score-files.ts';
import type { ScoredSong, SongScorerOptions } from './scoring/song-scorer.ts';
import { SongScorer } from './scoring/song-scorer.ts';

export type { PullPlan } from './models/model-pull.ts';
export type { TransferProgress } from './models/transfer-meter.ts';

export interface EngineOptions {
  /** Places that differ from the platform's. */
  folders?: Partial<DataFolders>;
  /** Path of an ffmpeg from the person's settings. */
  ffmpegPath?: string | undefined;
  /** ONNX Runtime's execution provider, `cpu` by default. */
  provider?: string | undefined;
  /** `fp32`, the reference, by default. */
  precision?: Precision | undefined;
  /** How hard to work; all cores, below normal priority by default. */
  pace?: Pace | undefined;
  /** Starts inference processes in another way than as children of this process. */
  launchInference?: LaunchInference | undefined;
  /** Access token for downloads; null or left out for the environment's. */
  hubToken?: string | null | undefined;
}

/** How the engine works at the moment, and why not harder. */
export interface WorkPace extends Pace {
  /** Seconds without work after which the inference process is ended. */
  idleSeconds: number;
  quietBecause: QuietReason | null;
  /** Why no song is begun in the background, null while nothing speaks against it. */
  restBecause: JobReason | null;
}

const usualWorkPace: WorkPace = { ...usualPace, idleSeconds: 180, quietBecause: null, restBecause: null };

export interface ScoreRequest extends ModelChoice {
  files: readonly string[];
  /** False computes everything anew and keeps nothing. */
  usesLibrary: boolean;
}

export interface ScoreHooks {
  signal?: AbortSignal | undefined;
  /** Called once, before the first song. */
  onStart?: ((models: ChosenModels, library: Library | null) => void) | undefined;
  onProgress?: ((progress: ScoringProgress) => void) | undefined;
  /** Called while a large checkpoint is read for its fingerprint, which happens once. */
  onFingerprint?: ((progress: { bytesDone: number; bytesTotal: number }) => void) | undefined;
}

/** One engine owns a library and an inference process; both are opened when first needed. */
export class Engine {
  readonly folders: DataFolders;
  readonly models: ModelStore;
  /** Measures tempo and key of songs. */
  readonly soundMeter = new SoundMeter();
  readonly #options: EngineOptions;
  readonly #environment: HubSettings;
  #hubToken: string | null;
  #provider: string;
  #precision: Precision;
  #pace: WorkPace;
  #inference: InferenceClient;
  #library: Library | null = null;
  #ffmpeg: Promise<Ffmpeg> | null = null;

  private constructor(options: EngineOptions, hubSettings: HubSettings) {
    this.#options = options;
    this.folders = { ...defaultDataFolders(), ...options.folders };
    this.#environment = hubSettings;
    this.#hubToken = options.hubToken ?? null;
    this.#provider = options.provider ?? 'cpu';
    this.#precision = options.precision ?? 'fp32';
    this.#pace = { ...usualWorkPace, ...options.pace };
    this.#inference = this.#newInference();
    this.models = new ModelStore({
      modelsFolder: this.folders.modelsFolder,
      settings: hubSettings,
      checks: modelChecks,
    });
  }

  /** @throws BangerError `usage` where the environment's Hub settings are not valid */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    return new Engine(options, await readHubSettings());
  }

  /** The process that runs models; another one after `useProvider`. */
  get inference(): InferenceClient {
    return this.#inference;
  }

  /** How the Hub is reached at the moment. */
  get hubSettings(): HubSettings {
    return { ...this.#environment, token: this.#hubToken ?? this.#environment.token };
  }

  /** The access token that was given to this engine. */
  get givenHubToken(): string | null {
    return this.#hubToken;
  }

  /** Where the access token in use comes from: given to this engine, or the environment's. */
  get hubTokenSource(): 'none' | 'environment' | 'app' {
    if (this.#hubToken !== null) return 'app';
    return this.#environment.token === null ? 'none' : 'environment';
  }

  /** Uses a token for downloads from now on; null goes back to the environment's. @throws BangerError `usage` */
  useHubToken(token: string | null): void {
    if (token !== null) requirePossibleToken(token);
    this.#hubToken = token;
  }

  /**
   * Refuses an execution provider that this build of ONNX Runtime does not have. The usual one needs no check,
   * which saves starting the inference process.
   *
   * @throws BangerError `provider-unknown` with the list of those that it has
   */
  async requireProvider(): Promise<void> {
    if (this.#provider === 'cpu') return;
    const { providers } = await this.inference.status();
    if (!providers.includes(this.provider)) throw unknownProvider(this.provider, providers);
  }

  /**
   * Refuses a precision that no encoder runs in by this engine's provider.
   *
   * @throws BangerError `usage` with those that there are
   */
  requirePrecision(): void {
    const possible = precisionsOf(this.#provider);
    if (possible.includes(this.#precision)) return;
    throw new BangerError('usage', `The provider “${this.#provider}” does not run ${this.#precision}.`, {
      nextStep: `Choose one of: ${possible.join(', ')}.`,
    });
  }

  /** How hard the engine works just now. */
  get pace(): WorkPace {
    return this.#pace;
  }

  /** Works at another pace from the next song on. */
  usePace(pace: WorkPace): void {
    this.#pace = pace;
    this.#inference.usePace(pace);
  }

  get provider(): string {
    return this.#provider;
  }

  /** The precision that encoders run in, where they and the provider have it; see `precisionOf`. */
  get precision(): Precision {
    return this.#precision;
  }

  /** The precisions that an encoder can run in here, fp32 first. */
  precisionsOf(encoder: Pick<PreparedEncoder, 'precisions'>): Precision[] {
    return precisionsOf(this.#provider).filter((precision) => encoder.precisions.includes(precision));
  }

  /** The precision that an encoder runs in here. */
  precisionOf(encoder: Pick<PreparedEncoder, 'precisions'>): Precision {
    return encoderVariant(encoder, this.#provider, this.#precision).precision;
  }

  /**
   * Runs models by another execution provider or in another precision from now on; scorers that were made before are
   * of no use any more.
   */
  async useRuntime({ provider, precision }: { provider: string; precision: Precision }): Promise<void> {
    if (provider === this.#provider && precision === this.#precision) return;
    const former = this.#inference;
    this.#provider = provider;
    this.#precision = precision;
    // What the former one stands aside for, such as a calibration, goes on.
    this.#inference = this.#newInference({ after: former.free });
    await former.close();
  }

  /**
   * What ONNX Runtime offers here. Asked of a process of its own, which ends again, so that nobody waits for a song
   * that is being encoded.
   */
  async inspectRuntime(): Promise<{ runtimeVersion: string; providers: string[] }> {
    const process = this.#newInference();
    try {
      const { runtimeVersion, providers } = await process.status();
      return { runtimeVersion, providers };
    } finally {
      await process.close();
    }
  }

  /** The library, opened at the first call. @throws BangerError as `openLibrary` */
  get library(): Library {
    this.#library ??= openLibrary(this.folders.libraryFile);
    return this.#library;
  }

  /** The ffmpeg that this engine uses, looked for once. @throws BangerError `ffmpeg-missing` */
  async findFfmpeg(): Promise<Ffmpeg> {
    this.#ffmpeg ??= findFfmpeg({ configuredPath: this.#options.ffmpegPath });
    try {
      return await this.#ffmpeg;
    } catch (thrown) {
      // It may be installed while this engine runs.
      this.#ffmpeg = null;
      throw thrown;
    }
  }

  /** What a download would fetch, under which licence and where to; asks the Hub. @throws see `planPull` */
  planPull(id: string, signal?: AbortSignal): Promise<PullPlan> {
    return planPull(id, this.hubSettings, { signal });
  }

  /** Downloads what a plan says; a broken download goes on where it broke. @throws see `pullModel` */
  pullModel(plan: PullPlan, options: PullOptions): Promise<PulledModel> {
    return pullModel(plan, this.hubSettings, options);
  }

  /** Weights that had to be converted before they could be mapped into memory. */
  listConvertedWeights(): Promise<DerivedWeights[]> {
    return listDerivedWeights(weightsFolder(this.folders.cacheFolder));
  }

  /**
   * Removes a model, or converted weights by their key.
   *
   * @throws BangerError `model-missing` for an unknown id, `usage` for what is built in or shared
   */
  async removeModel(id: string, options: { includeSharedCache: boolean }): Promise<{ freedBytes: number }> {
    const converted = await this.listConvertedWeights();
    if (converted.every(({ key }) => key !== id)) return this.models.removeModel(id, options);
    const removed = await removeDerivedWeights(weightsFolder(this.folders.cacheFolder), id);
    return { freedBytes: removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  }

  /** The files that a list of paths means; see `collectFiles`. @throws BangerError `cancelled` */
  collectFiles(paths: readonly string[], signal?: AbortSignal): Promise<CollectedFiles> {
    return collectFiles(paths, signal);
  }

  /**
   * Scores files one after another and yields each outcome when it is known.
   *
   * @throws BangerError what would meet every song alike: a missing model or ffmpeg, a full disk, `cancelled`
   */
  async *score(request: ScoreRequest, hooks: ScoreHooks = {}): AsyncGenerator<ScoredSong, void, undefined> {
    const { signal } = hooks;
    const library = request.usesLibrary ? this.library : null;
    // Looked for first: a missing ffmpeg should show before a checkpoint is read for minutes.
    await this.findFfmpeg();
    const models = await this.chooseModels(request, hooks);
    const scorer = await this.createScorer(models, library);
    hooks.onStart?.(models, library);
    yield* scoreFiles(scorer, request.files, {
      aheadCount: this.aheadCount,
      signal,
      onProgress: hooks.onProgress,
    });
  }

  /** The models that a person named, or the best that are installed. @throws see `chooseModels` */
  chooseModels(
    choice: ModelChoice,
    { signal, onFingerprint }: Pick<ScoreHooks, 'signal' | 'onFingerprint'> = {},
  ): Promise<ChosenModels> {
    const { cacheFolder } = this.folders;
    return chooseModels(this.models, choice, { cacheFolder, signal, onProgress: onFingerprint });
  }

  /**
   * What scores songs with these models, over the whole reference window; without a head it embeds them only.
   *
   * @throws BangerError `ffmpeg-missing`
   */
  async createScorer(
    { encoder, head }: Pick<ChosenModels, 'encoder'> & { head: ChosenModels['head'] | null },
    library: Library | null,
    options: Partial<Pick<SongScorerOptions, 'crashRetries' | 'precision' | 'inference'>> = {},
  ): Promise<SongScorer> {
    return new SongScorer({
      ffmpeg: await this.findFfmpeg(),
      inference: this.inference,
      encoder,
      head,
      library,
      window: referenceWindow,
      precision: this.#precision,
      provider: this.provider,
      decodePriority: () => this.#pace.priority,
      soundMeter: this.soundMeter,
      ...options,
    });
  }

  /** Songs that are decoded ahead of the model: enough to keep all processors busy with a fast one. */
  get aheadCount(): number {
    return Math.max(2, this.#pace.threads === 0 ? availableParallelism() : this.#pace.threads) + 1;
  }

  #newInference(
    session: { provider?: string; threads?: number; after?: Promise<unknown> } = {},
  ): InferenceClient {
    const { launchInference } = this.#options;
    return new InferenceClient({
      provider: this.#provider,
      ...this.#pace,
      ...session,
      ...(launchInference !== undefined && { launch: launchInference }),
    });
  }

  /**
   * A process of its own for long work beside scoring, such as training; whoever asked for it closes it.
   *
   * @param session what differs from the engine's own
   */
  openInference(session: { provider?: string; threads?: number } = {}): InferenceClient {
    return this.#newInference(session);
  }

  /** Ends what it started and closes the library; again is harmless. */
  async close(): Promise<void> {
    await Promise.all([this.inference.close(), this.soundMeter.close()]);
    this.#library?.close();
    this.#library = null;
  }
}
