/** What the library knows and keeps about songs under one pair of models; without a library it knows nothing. */
import type { SongFlag } from '../../shared/audio.ts';
import type { ErrorRecord } from '../../shared/errors.ts';
import { asBangerError, hasErrorCode } from '../../shared/errors.ts';
import type {
  EmbeddingKey,
  EmbeddingSpace,
  FileStamp,
  ModelDescription,
  Score,
} from '../../shared/library.ts';
import { identityScheme } from '../audio/audio-identity.ts';
import type { SoundMeasurement } from '../../shared/sound-analysis.ts';
import type { DecodedSong } from '../audio/decode-song.ts';
import type { AudioInspection } from '../audio/inspect-audio.ts';
import type { TagsByName } from '../audio/song-tags.ts';
import type { Library } from '../library/library.ts';
import { keepGeneration } from './song-generation.ts';

/** What a song's result says besides the score. */
export interface SongFacts {
  durationSeconds: number | null;
  loudnessLufs: number | null;
  flags: SongFlag[];
}

/** A song with its embedding. */
export interface EmbeddedSong {
  facts: SongFacts;
  embedding: Float32Array;
  /** Null where nothing is kept. */
  songId: number | null;
}

/** Measures tempo and key of a clip, without keeping the thread that asks from its work. */
export interface SoundMeasuring {
  /** A higher version measures again what a lower one has measured. */
  readonly version: number;
  measure(
    samples: Float32Array<ArrayBuffer>,
    sampleRateHz: number,
    signal?: AbortSignal,
  ): Promise<SoundMeasurement>;
}

export interface SongStoreOptions extends Omit<EmbeddingSpace, 'encoderId'> {
  library: Library | null;
  encoder: ModelDescription;
  /** Null where songs are embedded only. */
  head: ModelDescription | null;
  provider: string;
}

export class SongStore {
  readonly #library: Library | null;
  /** Where the embeddings of these models lie. */
  readonly space: EmbeddingSpace;
  readonly #headId: number | null;
  readonly #provider: string;

  constructor({ library, encoder, head, provider, ...space }: SongStoreOptions) {
    this.#library = library;
    this.space = { ...space, encoderId: library?.encoders.register(encoder).id ?? 0 };
    this.#headId = (head && library?.heads.register(head).id) ?? null;
    this.#provider = provider;
  }

  /**
   * An unchanged file's song, measured and with its embedding; null where any of it is missing, or where the file
   * failed when it was last read: then it is read again, whatever a copy of it brought.
   */
  findUnchanged(stamp: FileStamp): EmbeddedSong | null {
    const known = this.#library?.files.findUnchanged(stamp);
    if (!known?.song?.loudness || known.file.failure !== null) return null;
    const { song, file } = known;
    return this.findEmbedding(song.id, {
      durationSeconds: song.durationSeconds,
      loudnessLufs: song.loudness?.integratedLufs ?? null,
      flags: [...new Set([...song.flags, ...file.flags])],
    });
  }

  /** Whether an unchanged file's song has its score. */
  isScored(stamp: FileStamp): boolean {
    const known = this.#library?.files.findUnchanged(stamp);
    return known?.file.failure === null && this.findScore(known.song?.id ?? null) !== null;
  }

  findEmbedding(songId: number | null, facts: SongFacts): EmbeddedSong | null {
    if (songId === null) return null;
    const found = this.#library?.embeddings.get(this.#key(songId));
    return found ? { facts, embedding: found.vector, songId } : null;
  }

  /** Notes which song a file holds. @returns the song's id, null where nothing is kept */
  keepFile(stamp: FileStamp, { identity, probe, flags }: AudioInspection): number | null {
    const recorded = this.#library?.files.record({
      stamp,
      identities: [{ scheme: identityScheme, hash: identity }],
      probe,
      flags: flags.filter(belongsToFile),
    });
    return recorded?.songId ?? null;
  }

  /** Notes how a song was made, as far as sidecars and tags say. */
  async keepGeneration(songId: number | null, path: string, tags: TagsByName): Promise<void> {
    if (songId !== null && this.#library !== null) await keepGeneration(this.#library, songId, path, tags);
  }

  keepMeasurements(songId: number | null, { measured, flags, decodedSeconds }: DecodedSong): void {
    if (songId === null || measured === null) return;
    const { loudness, peaks } = measured;
    this.#library?.songs.updateMeasurements(songId, {
      loudness,
      peaks: new Uint8Array(peaks.buffer, peaks.byteOffset, peaks.byteLength),
      flags: flags.filter((flag) => !belongsToFile(flag)),
      durationSeconds: decodedSeconds,
    });
  }

  /** Measures a song's tempo and key, and keeps them, unless they are known. @throws BangerError `cancelled` */
  async keepSoundAnalysis(
    songId: number | null,
    meter: SoundMeasuring,
    samples: Float32Array<ArrayBuffer>,
    sampleRateHz: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const analyses = this.#library?.soundAnalyses;
    if (songId === null || analyses === undefined || analyses.isAnalyzed(songId, meter.version)) return;
    try {
      const measurement = await meter.measure(samples, sampleRateHz, signal);
      analyses.put(songId, meter.version, measurement);
    } catch (thrown) {
      const error = asBangerError(thrown);
      if (error.code !== 'internal') throw error;
      // A score does not depend on it; the song stays among those that are to be measured.
      process.emitWarning(error);
    }
  }

  /** Stores an embedding; one that another process stored meanwhile stays, and is the one returned. */
  keepEmbedding(songId: number | null, facts: SongFacts, embedding: Float32Array): EmbeddedSong {
    if (songId !== null) this.#library?.embeddings.put(this.#key(songId), embedding, this.#provider);
    return this.findEmbedding(songId, facts) ?? { facts, embedding, songId };
  }

  findScore(songId: number | null): Score | null {
    if (songId === null || this.#headId === null) return null;
    return this.#library?.scores.get(this.#key(songId), this.#headId) ?? null;
  }

  keepScore(songId: number | null, score: Score): void {
    if (songId === null || this.#headId === null) return;
    this.#library?.scores.put(this.#key(songId), this.#headId, score);
  }

  keepFailure(stamp: FileStamp, error: ErrorRecord): void {
    try {
      this.#library?.files.recordFailure(stamp, error);
    } catch (thrown) {
      // A path that is no text cannot be kept; the failure itself is still reported.
      if (!hasErrorCode(thrown, 'file-unreadable')) throw thrown;
    }
  }

  #key(songId: number): EmbeddingKey {
    return { ...this.space, songId };
  }
}

/** A wrong name is a matter of the file; the same song may have a right one elsewhere. */
function belongsToFile(flag: SongFlag): boolean {
  return flag === 'wrong-extension';
}
