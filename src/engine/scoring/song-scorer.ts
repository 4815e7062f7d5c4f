/** Scores one file: looks it up, else decodes, encodes and scores it, and keeps what was found. */
import type { AudioWindow } from '../../shared/audio.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { EmbeddingSpace, FileStamp, Precision } from '../../shared/library.ts';
import { usualPace } from '../../shared/pace.ts';
import { clampScore } from '../../shared/score.ts';
import type { SongResult } from '../../shared/song-result.ts';
import { decodeRecipe } from '../audio/decode-recipe.ts';
import type { DecodedSong } from '../audio/decode-song.ts';
import { decodeSong } from '../audio/decode-song.ts';
import type { Ffmpeg } from '../audio/find-ffmpeg.ts';
import { inspectAudio } from '../audio/inspect-audio.ts';
import type { InferenceClient } from '../inference/inference-client.ts';
import type { Library } from '../library/library.ts';
import type { RunGraph } from '../../shared/graphs.ts';
import { encoderVariant } from '../models/encoder-variant.ts';
import type { PreparedEncoder } from '../models/prepared-encoder.ts';
import type { PreparedHead } from '../models/prepared-head.ts';
import { readStamp, requireUnchangedFile } from './file-stamp.ts';
import type { EmbeddedSong, SongFacts, SoundMeasuring } from './song-store.ts';
import { SongStore } from './song-store.ts';

export interface SongScorerOptions {
  ffmpeg: Ffmpeg;
  inference: InferenceClient;
  encoder: PreparedEncoder;
  /** Null where songs are embedded only: their results have no score. */
  head: PreparedHead | null;
  /** Where results are looked up and kept; null computes everything and keeps nothing. */
  library: Library | null;
  window: AudioWindow;
  /** The precision wanted; what the encoder or the provider lacks gives way to fp32. */
  precision: Precision;
  provider: string;
  /** Priority of the programs that read and decode songs, asked for before each; below normal by default. */
  decodePriority?: (() => number) | undefined;
  /** Measures tempo and key along the way; left out, nothing does. */
  soundMeter?: SoundMeasuring | undefined;
  /** How often a song is tried anew after the inference process died of it; 1 by default. */
  crashRetries?: number;
}

/** A file's outcome, with the embedding that its score was made from. */
export interface ScoredSong {
  result: SongResult;
  /** The song in the library, null where nothing is kept or nothing was understood. */
  songId: number | null;
  embedding: Float32Array | null;
  /** Time that the encoder took, null where it was not needed. */
  encodeSeconds: number | null;
}

/** A file after the part of the work that can run beside other songs' inference. */
export type PreparedSong =
  | { step: 'done'; path: string; outcome: ScoredSong }
  | { step: 'score'; path: string; stamp: FileStamp; song: EmbeddedSong }
  | {
      step: 'encode';
      path: string;
      stamp: FileStamp;
      songId: number | null;
      facts: SongFacts;
      decoded: DecodedSong;
    };

/** Failures that would meet every song alike: they end the run instead of marking one song. */
const fatalCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'cancelled',
  'ffmpeg-missing',
  'disk-full',
  'provider-unknown',
  'model-missing',
  'checkpoint-changed',
  'checkpoint-corrupt',
  'checkpoint-mismatch',
  'library-corrupt',
  'library-busy',
  'library-read-only',
  'library-failed',
]);

/** Failures that say nothing about what the file holds. */
const passingCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['file-missing', 'file-changed']);

export class SongScorer {
  readonly #options: SongScorerOptions;
  readonly #store: SongStore;
  readonly #encoderSource;
  readonly #headSource;
  #isEncoderLoaded = false;

  constructor(options: SongScorerOptions) {
    this.#options = options;
    const { encoder, head, ffmpeg, library, window, precision, provider } = options;
    const variant = encoderVariant(encoder, provider, precision);
    this.#store = new SongStore({
      library,
      encoder: encoder.description,
      head: head?.description ?? null,
      provider,
      window,
      precision: variant.precision,
      decodeRecipe: decodeRecipe(ffmpeg),
    });
    this.#encoderSource = {
      key: [encoder.description.sha256, variant.form, variant.precision].join(':'),
      build: (runGraph: RunGraph) => encoder.buildGraph(variant, runGraph),
    };
    this.#headSource = head && { key: head.description.sha256, build: () => Promise.resolve(head.graph) };
  }

  /** Where the embeddings that this scorer makes lie in its library. */
  get space(): EmbeddingSpace {
    return this.#store.space;
  }

  /** Whether a version of a file has its score by these models already. */
  isScored(stamp: FileStamp): boolean {
    return this.#store.isScored(stamp);
  }

  /**
   * Everything before inference: look-up, and where that finds nothing, probe and decode. May run for several
   * songs at once.
   *
   * @throws BangerError what would meet every song alike; a failure of this file is its outcome
   */
  async prepare(path: string, signal?: AbortSignal): Promise<PreparedSong> {
    let stamp: FileStamp | null = null;
    try {
      stamp = await readStamp(path);
      const song = this.#store.findUnchanged(stamp);
      return song === null ? await this.#read(path, stamp, signal) : { step: 'score', path, stamp, song };
    } catch (thrown) {
      const cause = stamp === null ? thrown : await causeOfFailure(stamp, thrown);
      return { step: 'done', path, outcome: this.#failed(path, stamp, cause) };
    }
  }

  /**
   * Inference for a prepared song, and keeping its results; for one song at a time.
   *
   * @throws BangerError what would meet every song alike
   */
  async finish(prepared: PreparedSong, signal?: AbortSignal): Promise<ScoredSong> {
    if (prepared.step === 'done') return prepared.outcome;
    const { path, stamp } = prepared;
    try {
      if (prepared.step === 'score') return await this.#score(path, prepared.song, null, signal);
      return await this.#encodeAndScore(prepared, signal);
    } catch (thrown) {
      return this.#failed(path, stamp, thrown);
    }
  }

  /** Probes a file that is new or changed, and decodes it unless its audio is known under another name. */
  async #read(path: string, stamp: FileStamp, signal?: AbortSignal): Promise<PreparedSong> {
    const { ffmpeg, encoder, window } = this.#options;
    const priority = this.#options.decodePriority?.() ?? usualPace.priority;
    const inspection = await inspectAudio(ffmpeg, path, { signal, priority });
    const songId = this.#store.keepFile(stamp, inspection);
    await this.#store.keepGeneration(songId, path, inspection.generationTags);
    const song = this.#store.findUnchanged(stamp);
    if (song !== null) return { step: 'score', path, stamp, song };

    const decoded = await decodeSong(ffmpeg, path, inspection, {
      window,
      sampleRateHz: encoder.sampleRateHz,
      minimumSamples: encoder.minimumSamples,
      measure: true,
      signal,
      priority,
    });
    await requireUnchangedFile(stamp);
    this.#store.keepMeasurements(songId, decoded);
    const { soundMeter } = this.#options;
    if (soundMeter !== undefined) {
      const { samples } = decoded;
      await this.#store.keepSoundAnalysis(songId, soundMeter, samples, encoder.sampleRateHz, signal);
    }
    const facts = {
      durationSeconds: decoded.decodedSeconds,
      loudnessLufs: decoded.measured?.loudness.integratedLufs ?? null,
      flags: decoded.flags,
    };
    return { step: 'encode', path, stamp, songId, facts, decoded };
  }

  async #encodeAndScore(
    { path, songId, facts, decoded }: Extract<PreparedSong, { step: 'encode' }>,
    signal?: AbortSignal,
  ): Promise<ScoredSong> {
    // A copy of this song may have been encoded since this one was prepared.
    const twin = this.#store.findEmbedding(songId, facts);
    if (twin !== null) return this.#score(path, twin, null, signal);
    // The check of the encoder's files is done while the encoder works; nothing is kept before both have passed.
    const [check, encoding] = await Promise.allSettled([
      this.#options.encoder.requireUnchanged(),
      this.#encode(decoded.samples, signal),
    ]);
    if (check.status === 'rejected') throw check.reason;
    if (encoding.status === 'rejected') throw encoding.reason;
    const { embedding, seconds } = encoding.value;
    return this.#score(path, this.#store.keepEmbedding(songId, facts, embedding), seconds, signal);
  }

  async #encode(samples: Float32Array, signal?: AbortSignal) {
    if (!this.#isEncoderLoaded) {
      await this.#loadEncoder(signal);
      this.#isEncoderLoaded = true;
    }
    return this.#retryAfterCrash(() =>
      this.#options.inference.encode(this.#encoderSource, samples, { signal }),
    );
  }

  /** An encoder that cannot be loaded fails every song, so it ends the run. */
  async #loadEncoder(signal?: AbortSignal): Promise<void> {
    const { inference, provider } = this.#options;
    try {
      await this.#retryAfterCrash(() => inference.load(this.#encoderSource, signal));
    } catch (thrown) {
      const error = asBangerError(thrown);
      if (fatalCodes.has(error.code)) throw error;
      throw new BangerError('model-unusable', `The encoder could not be loaded. ${error.message}`, {
        cause: error,
        nextStep: provider === 'cpu' ? error.nextStep : 'Try the cpu provider, which works everywhere.',
        details: error.details,
      });
    }
  }

  async #score(
    path: string,
    { facts, embedding, songId }: EmbeddedSong,
    encodeSeconds: number | null,
    signal?: AbortSignal,
  ): Promise<ScoredSong> {
    const headSource = this.#headSource;
    let score = this.#store.findScore(songId);
    if (score === null && headSource !== null) {
      const [rawScore] = await this.#retryAfterCrash(() =>
        this.#options.inference.score(headSource, embedding, signal),
      );
      if (rawScore === undefined || !Number.isFinite(rawScore)) {
        throw new BangerError('inference-failed', 'The head gave no finite score.', {
          file: path,
          nextStep: 'The head’s file is damaged: download or import it again.',
        });
      }
      score = { rawScore, score: clampScore(rawScore) };
      this.#store.keepScore(songId, score);
    }
    return {
      result: { ...this.#emptyResult(path), ...score, ...facts, cached: encodeSeconds === null },
      songId,
      embedding,
      encodeSeconds,
    };
  }

  /** The outcome of a file that could not be scored. Rethrows what would meet every song alike. */
  #failed(path: string, stamp: FileStamp | null, thrown: unknown): ScoredSong {
    const error = asBangerError(thrown);
    if (fatalCodes.has(error.code) || error.code === 'model-unusable') throw error;
    const record = { ...error.toRecord(), file: path };
    if (stamp !== null && !passingCodes.has(error.code)) this.#store.keepFailure(stamp, record);
    const { code, message, nextStep } = record;
    return {
      result: {
        ...this.#emptyResult(path),
        error: { code, message, ...(nextStep !== undefined && { nextStep }) },
      },
      songId: null,
      embedding: null,
      encodeSeconds: null,
    };
  }

  #emptyResult(path: string): SongResult {
    const { encoder, head } = this.#options;
    return {
      path,
      score: null,
      rawScore: null,
      encoder: encoder.description.name,
      head: head?.description.name ?? '',
      draft: encoder.description.isDraft,
      durationSeconds: null,
      loudnessLufs: null,
      flags: [],
      cached: false,
      embeddingRow: null,
      error: null,
    };
  }

  /** Tries again what an inference process died over: another song may have been to blame. */
  async #retryAfterCrash<Value>(attempt: () => Promise<Value>): Promise<Value> {
    for (let retriesLeft = this.#options.crashRetries ?? 1; ; retriesLeft--) {
      try {
        return await attempt();
      } catch (thrown) {
        if (retriesLeft <= 0 || !hasErrorCode(thrown, 'inference-crashed')) throw thrown;
      }
    }
  }
}

/** A file that went or changed while it was read is the cause of whatever failed; nothing else is said of it then. */
async function causeOfFailure(stamp: FileStamp, thrown: unknown): Promise<unknown> {
  if (fatalCodes.has(asBangerError(thrown).code)) return thrown;
  return requireUnchangedFile(stamp).then(
    () => thrown,
    (change: unknown) => change,
  );
}
