/** Made-up songs, files and models for tests of the library. */
import { createHash } from 'node:crypto';
import type { FileToRecord } from '../../src/engine/library/tables/files-table.ts';
import { openLibrary, type OpenLibraryOptions } from '../../src/engine/library/open-library.ts';
import type { Library } from '../../src/engine/library/library.ts';
import { referenceWindow, type AudioProbe } from '../../src/shared/audio.ts';
import type { EmbeddingSpace, FileStamp, ModelDescription, SongIdentity } from '../../src/shared/library.ts';

export const sampleProbe: AudioProbe = {
  container: 'mp3',
  codec: 'mp3',
  sampleRateHz: 44100,
  channels: 2,
  sampleFormat: 'fltp',
  durationSeconds: 123.456,
  tags: { title: 'Ein Lied', artist: 'Ж', genre: 'ambient' },
};

/** An identity that is the same for the same content. */
export function identityOf(content: string, scheme = 1): SongIdentity {
  return { scheme, hash: createHash('sha256').update(`${scheme}:${content}`).digest('hex') };
}

export function stampOf(path: string, sizeBytes = 1000, mtimeNs = 1_700_000_000_123_456_789n): FileStamp {
  return { path, sizeBytes, mtimeNs };
}

export function fileWith(content: string, path: string, stamp: Partial<FileStamp> = {}): FileToRecord {
  return { stamp: { ...stampOf(path), ...stamp }, identities: [identityOf(content)], probe: sampleProbe };
}

/** A model whose hash follows from its name. */
export function modelNamed(name: string, embeddingSize = 4): ModelDescription {
  const sha256 = createHash('sha256').update(name).digest('hex');
  return { name, label: `Model ${name}`, sha256, embeddingSize, isDraft: false };
}

/** The space of the reference for an encoder. */
export function spaceOf(encoderId: number): EmbeddingSpace {
  return { encoderId, decodeRecipe: 'soxr-1', window: referenceWindow, precision: 'fp32' };
}

/** A vector that is the same for the same seed and differs between seeds. */
export function vectorFor(seed: number, length = 4): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, index) => Math.sin(seed * 7.3 + index));
}

/** Opens a library, hands it to the test and closes it whatever happens. */
export function withLibrary<T>(file: string, use: (library: Library) => T, options?: OpenLibraryOptions): T {
  const library = openLibrary(file, options);
  try {
    return use(library);
  } finally {
    library.close();
  }
}

/** Records a song with an embedding and a score, as a run of the product would. */
export function storeSong(library: Library, content: string, path: string, seed: number): number {
  const encoder = library.encoders.register(modelNamed('encoder'));
  const head = library.heads.register(modelNamed('head'));
  return library.transaction(() => {
    const { songId } = library.files.record(fileWith(content, path));
    const key = { ...spaceOf(encoder.id), songId };
    library.embeddings.put(key, vectorFor(seed, encoder.embeddingSize), 'cpu');
    library.scores.put(key, head.id, { rawScore: seed, score: seed % 10 });
    return songId;
  });
}
