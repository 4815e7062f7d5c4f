/** Scores one file: looks it up, else decodes, encodes and scores it, and keeps what was found. */
import type { AudioWindow, SongFlag } from '../../shared/audio.ts';
import type { ErrorCode, ErrorRecord } from '../../shared/errors.ts';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { EmbeddingKey, FileStamp, ModelRecord, Precision } from '../../shared/library.ts';
import { clampScore } from '../../shared/score.ts';
import type { SongResult } from '../../shared/song-result.ts';
import { identityScheme } from '../audio/audio-identity.ts';
import { decodeRecipe } from '../audio/decode-recipe.ts';
import type { DecodedSong } from '../audio/decode-song.ts';
import { decodeSong } from '../audio/decode-song.ts';
import type { Ffmpeg } from '../audio/find-ffmpeg.ts';
import type { AudioInspection } from '../audio/inspect-audio.ts';
import { inspectAudio } from '../audio/inspect-audio.ts';
import type { InferenceClient } from '../inference/inference-client.ts';
import type { Library } from '../library/library.ts';
import type { PreparedEncoder } from '../models/prepared-encoder.ts';
import type { PreparedHead } from '../models/prepared-head.ts';
import { readStamp, requireUnchangedFile } from './file-stamp.ts';

export interface SongScorerOptions {
  ffmpeg: Ffmpeg;
  inference: InferenceClient;
  encoder: PreparedEncoder;
  head: PreparedHead;
  /** Where results are looked up and kept; null computes everything and keeps nothing. */
  library: Library | null;
  window: AudioWindow;
  precision: Precision;
  provider: string;
}

/** A file's outcome, with the embedding that its score was made from. */
export interface ScoredSong {
  result: SongResult;
  embedding: Float32Array | null;
  /** Time that the encoder took, null where it was not needed. */
  encodeSeconds: number | null;
}

/** What a song's result says besides the score. */
interface SongFacts {
  durationSeconds: number | null;
  loudnessLufs: number | null;
  flags: SongFlag[];
}

interface KnownEmbedding {
  facts: SongFacts;
  embedding: Float32Array;
  /** Where the library keeps it, null where nothing is kept. */
  key: EmbeddingKey | null;
}

/** A file after the part of the work that can run beside other songs' inference. */
export type PreparedSong =
  | { step: 'done'; path: string; outcome: ScoredSong }
  | { step: 'score'; path: string; stamp: FileStamp; known: KnownEmbedding }
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

export class SongScorer {
  readonly #options: SongScorerOptions;
  readonly #encoderRecord: ModelRecord | null;
  readonly #headRecord: ModelRecord | null;
  readonly #encoderSource;
  readonly #headSource;
  #isEncoderLoaded = false;

  constructor(options: SongScorerOptions) {
    this.#options = options;
    const { encoder, head, library } = options;
    this.#encoderRecord = library?.encoders.register(encoder.description) ?? null;
    this.#headRecord = library?.heads.register(head.description) ?? null;
    this.#encoderSource = { key: encoder.description.sha256, build: encoder.buildGraph };
    this.#headSource = { key: head.description.sha256, build: () => Promise.resolve(head.graph) };
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
      return this.#lookUp(path, stamp) ?? (await this.#read(path, stamp, signal));
    } catch (thrown) {
      return { step: 'done', path, outcome: this.#failed(path, stamp, thrown) };
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
      if (prepared.step === 'score') return await this.#score(path, prepared.known, null, signal);
      return await this.#encodeAndScore(prepared, signal);
    } catch (thrown) {
      return this.#failed(path, stamp, thrown);
    }
  }

  async #encodeAndScore(
    { path, songId, facts, decoded }: Extract<PreparedSong, { step: 'encode' }>,
    signal?: AbortSignal,
  ): Promise<ScoredSong> {
    // A copy of this song may have been encoded since this one was prepared.
    const twin = songId === null ? null : this.#embeddingOf(songId, facts);
    if (twin !== null) return this.#score(path, twin, null, signal);
    await this.#options.encoder.requireUnchanged();
    const { embedding, seconds } = await this.#encode(decoded.samples, signal);
    const kept = songId === null ? null : this.#keepEmbedding(songId, facts, embedding);
    return this.#score(path, kept ?? { facts, embedding, key: null }, seconds, signal);
  }

  /** What the library knows about an unchanged file. */
  #lookUp(path: string, stamp: FileStamp): PreparedSong | null {
    const known = this.#options.library?.files.findUnchanged(stamp);
    if (!known?.song?.loudness) return null;
    const { song, file } = known;
    const facts = {
      durationSeconds: song.durationSeconds,
      loudnessLufs: song.loudness?.integratedLufs ?? null,
      flags: joinFlags(song.flags, file.flags),
    };
    const found = this.#embeddingOf(song.id, facts);
    return found && { step: 'score', path, stamp, known: found };
  }

  /** Probes a file that is new or changed, and decodes it unless its audio is known under another name. */
  async #read(path: string, stamp: FileStamp, signal?: AbortSignal): Promise<PreparedSong> {
    const { ffmpeg, library, encoder, window } = this.#options;
    const inspection = await inspectAudio(ffmpeg, path, { signal });
    const songId = library === null ? null : recordFile(library, stamp, inspection);
    const renamed = songId === null ? null : this.#lookUp(path, stamp);
    if (renamed !== null) return renamed;

    const decoded = await decodeSong(ffmpeg, path, inspection, {
      window,
      sampleRateHz: encoder.sampleRateHz,
      minimumSamples: encoder.minimumSamples,
      measure: true,
      signal,
    });
    await requireUnchangedFile(stamp);
    if (library !== null && songId !== null) recordMeasurements(library, songId, decoded);
    const facts = {
      durationSeconds: decoded.decodedSeconds,
      loudnessLufs: decoded.measured?.loudness.integratedLufs ?? null,
      flags: decoded.flags,
    };
    return { step: 'encode', path, stamp, songId, facts, decoded };
  }

  #embeddingOf(songId: number, facts: SongFacts): KnownEmbedding | null {
    const key = this.#key(songId);
    const found = this.#options.library?.embeddings.get(key);
    return found ? { facts, embedding: found.vector, key } : null;
  }

  /** Stores an embedding; one that another process stored meanwhile stays, and is the one that is scored. */
  #keepEmbedding(songId: number, facts: SongFacts, embedding: Float32Array): KnownEmbedding | null {
    const key = this.#key(songId);
    this.#options.library?.embeddings.put(key, embedding, this.#options.provider);
    return this.#embeddingOf(songId, facts);
  }

  async #encode(samples: Float32Array, signal?: AbortSignal) {
    const { inference } = this.#options;
    if (!this.#isEncoderLoaded) {
      await this.#loadEncoder(signal);
      this.#isEncoderLoaded = true;
    }
    return retryAfterCrash(() => inference.encode(this.#encoderSource, samples, { signal }));
  }

  /** An encoder that cannot be loaded fails every song, so it ends the run. */
  async #loadEncoder(signal?: AbortSignal): Promise<void> {
    const { inference, provider } = this.#options;
    try {
      await retryAfterCrash(() => inference.load(this.#encoderSource, signal));
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
    { facts, embedding, key }: KnownEmbedding,
    encodeSeconds: number | null,
    signal?: AbortSignal,
  ): Promise<ScoredSong> {
    const { library, inference } = this.#options;
    const headId = this.#headRecord?.id ?? null;
    let score = key === null || headId === null ? null : (library?.scores.get(key, headId) ?? null);
    if (score === null) {
      const [rawScore] = await retryAfterCrash(() => inference.score(this.#headSource, embedding, signal));
      if (rawScore === undefined || !Number.isFinite(rawScore)) {
        throw new BangerError('inference-failed', 'The head gave no finite score.', {
          file: path,
          nextStep: 'The head’s file is damaged: download or import it again.',
        });
      }
      score = { rawScore, score: clampScore(rawScore) };
      if (key !== null && headId !== null) library?.scores.put(key, headId, score);
    }
    return {
      result: { ...this.#emptyResult(path), ...score, ...facts, cached: encodeSeconds === null },
      embedding,
      encodeSeconds,
    };
  }

  /** The outcome of a file that could not be scored. Rethrows what would meet every song alike. */
  #failed(path: string, stamp: FileStamp | null, thrown: unknown): ScoredSong {
    const error = asBangerError(thrown);
    if (fatalCodes.has(error.code) || error.code === 'model-unusable') throw error;
    const record = { ...error.toRecord(), file: path };
    if (stamp !== null) this.#keepFailure(stamp, record);
    const { code, message, nextStep } = record;
    return {
      result: {
        ...this.#emptyResult(path),
        error: { code, message, ...(nextStep !== undefined && { nextStep }) },
      },
      embedding: null,
      encodeSeconds: null,
    };
  }

  #keepFailure(stamp: FileStamp, record: ErrorRecord): void {
    try {
      this.#options.library?.files.recordFailure(stamp, record);
    } catch (thrown) {
      // A path that is no text cannot be kept; the failure itself is still reported.
      if (!hasErrorCode(thrown, 'file-unreadable')) throw thrown;
    }
  }

  #emptyResult(path: string): SongResult {
    const { encoder, head } = this.#options;
    return {
      path,
      score: null,
      rawScore: null,
      encoder: encoder.description.name,
      head: head.description.name,
      draft: encoder.description.isDraft,
      durationSeconds: null,
      loudnessLufs: null,
      flags: [],
      cached: false,
      embeddingRow: null,
      error: null,
    };
  }

  #key(songId: number): EmbeddingKey {
    const { ffmpeg, window, precision } = this.#options;
    return {
      songId,
      encoderId: this.#encoderRecord?.id ?? 0,
      decodeRecipe: decodeRecipe(ffmpeg),
      window,
      precision,
    };
  }
}

/** Tries once more what an inference process died over: another song may have been to blame. */
async function retryAfterCrash<Value>(attempt: () => Promise<Value>): Promise<Value> {
  try {
    return await attempt();
  } catch (thrown) {
    if (!hasErrorCode(thrown, 'inference-crashed')) throw thrown;
    return attempt();
  }
}

function recordFile(library: Library, stamp: FileStamp, inspection: AudioInspection): number {
  const { songId } = library.files.record({
    stamp,
    identities: [{ scheme: identityScheme, hash: inspection.identity }],
    probe: inspection.probe,
    flags: inspection.flags.filter((flag) => flag === 'wrong-extension'),
  });
  return songId;
}

function recordMeasurements(library: Library, songId: number, decoded: DecodedSong): void {
  if (decoded.measured === null) return;
  const { loudness, peaks } = decoded.measured;
  library.songs.updateMeasurements(songId, {
    loudness,
    peaks: new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.byteLength),
    flags: decoded.flags.filter((flag) => flag !== 'wrong-extension'),
    durationSeconds: decoded.decodedSeconds,
  });
}

function joinFlags(...lists: SongFlag[][]): SongFlag[] {
  return [...new Set(lists.flat())];
}
