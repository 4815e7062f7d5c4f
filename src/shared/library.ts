/** What the library keeps about songs, files, models, embeddings and scores, without how it keeps it. */
import { z } from 'zod';
import type { AudioProbe, AudioWindow, Loudness, SongFlag } from './audio.ts';
import type { ErrorRecord } from './errors.ts';

/** Number formats that an encoder can run in. `fp32` is the reference; results of the others are never mixed with it. */
export const precisions = ['fp32', 'fp16', 'int8'] as const;
export const precisionSchema = z.enum(precisions);
export type Precision = z.infer<typeof precisionSchema>;

/** A name for a song's encoded audio that outlives renames, moves and tag edits. */
export interface SongIdentity {
  /** Version of the rule that made the hash; a new rule gives a song one more identity, not a new song. */
  scheme: number;
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  hash: string;
}

/** What a folder listing says about a file: enough to see that it has not changed. */
export interface FileStamp {
  /** Absolute path. */
  path: string;
  sizeBytes: number;
  /** Time of the last change in nanoseconds since 1970, as `fs.stat` gives it with `bigint: true`. */
  mtimeNs: bigint;
}

/** A song: the audio itself, whatever files hold it. */
export interface SongRecord extends AudioProbe {
  id: number;
  /** Null until the song has been measured. */
  loudness: Loudness | null;
  /** Flags that belong to the audio; those of a file's name stand with the file. */
  flags: SongFlag[];
  addedAtMs: number;
}

/** What one pass over a song's samples found. */
export interface SongMeasurements {
  loudness: Loudness;
  /** Waveform peaks in the form that the measuring code chose; the library does not look inside. */
  peaks: Uint8Array;
  flags: readonly SongFlag[];
  /** Decoded length, where it is better known than what the container states. */
  durationSeconds?: number;
}

/** Why a file has no score, for as long as its size and time stay as they were. */
export interface FileFailure {
  error: ErrorRecord;
  /** How often this very content has failed. */
  attempts: number;
  failedAtMs: number;
}

export interface FileRecord extends FileStamp {
  id: number;
  /** The song that the file holds; null when its content was never understood. */
  songId: number | null;
  /** Flags that belong to this file alone, such as `wrong-extension`. */
  flags: SongFlag[];
  /** The last outcome, null when it was good. */
  failure: FileFailure | null;
  firstSeenAtMs: number;
  lastSeenAtMs: number;
  /** When the file was first found gone; null while it is there. */
  missingSinceMs: number | null;
}

/** A file with the song that it holds. */
export interface KnownFile {
  file: FileRecord;
  song: SongRecord | null;
}

/** An encoder or a head as the library needs to know it. */
export interface ModelDescription {
  /** The id that a person types and reads, such as `mert-v1-330m` or `banger`. */
  name: string;
  /** The name in full, such as `MERT v1 330M`. */
  label: string;
  /** SHA-256 over everything that decides the numbers: weights and, for an encoder, configuration and preprocessor. */
  sha256: string;
  /** Length of the vectors that the encoder makes or the head takes. */
  embeddingSize: number;
  isDraft: boolean;
}

/** A model that the library knows; two models are the same when their `sha256` is. */
export interface ModelRecord extends ModelDescription {
  id: number;
}

/** Everything that must be equal for two embeddings to be comparable. */
export interface EmbeddingSpace {
  encoderId: number;
  /** Version of the path from file to waveform, resampler included. */
  decodeRecipe: string;
  window: AudioWindow;
  precision: Precision;
}

export interface EmbeddingKey extends EmbeddingSpace {
  songId: number;
}

export interface EmbeddingRecord {
  vector: Float32Array<ArrayBuffer>;
  /** ONNX Runtime's execution provider that made it, such as `cpu`. */
  provider: string;
  createdAtMs: number;
}

/** Embeddings of one space, one after another in memory, ready for a head. */
export interface EmbeddingBatch {
  songIds: number[];
  /** Row-major (songIds.length, embeddingSize). */
  vectors: Float32Array<ArrayBuffer>;
}

/** What a head makes of an embedding. */
export interface Score {
  /** As the head gives it. */
  rawScore: number;
  /** Clamped to 0..10. */
  score: number;
}

export interface SongScore extends Score {
  songId: number;
}

/** How much a library holds. */
export interface LibraryStats {
  songs: number;
  files: number;
  missingFiles: number;
  failedFiles: number;
  embeddings: number;
  scores: number;
  /** Size on disk of the database and its write-ahead log. */
  sizeBytes: number;
}
