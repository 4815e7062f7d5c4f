/** Libraries of real files that need not be songs: for tests of what happens to the files. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Library } from '../../src/engine/library/library.ts';
import { readExportEntries } from '../../src/engine/curate/export-entries.ts';
import type { ExportEntry } from '../../src/shared/export-entry.ts';
import { referenceWindow } from '../../src/shared/audio.ts';
import { fileWith, modelNamed, stampOf } from './library-samples.ts';

export interface SongToMake {
  path: string;
  /** Default: text that follows from the path. */
  content?: string | Buffer;
  score?: number;
  title?: string;
  genre?: string;
  embedding?: readonly number[];
}

/** Bytes that are always the same for a seed, so many that a copy takes more than one read. */
export function bytesFor(seed: string, length: number): Buffer {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.alloc(length, block);
}

/** Writes a file and records it as a song with a score, as a run of the product would. @returns its song id */
export function makeSong(library: Library, song: SongToMake): number {
  const { path, score = 5, title, genre, embedding = [1, 2, 3, 4] } = song;
  const content = song.content ?? `song at ${path}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const encoder = library.encoders.register(modelNamed('encoder', embedding.length));
  const head = library.heads.register(modelNamed('head', embedding.length));
  return library.transaction(() => {
    const file = fileWith(createHash('sha256').update(content).digest('hex'), path, {
      ...stampOf(path, Number(size), mtimeNs),
    });
    const tags = { ...(title !== undefined && { title }), ...(genre !== undefined && { genre }) };
    const { songId } = library.files.record({ ...file, probe: { ...file.probe, tags } });
    const space = {
      encoderId: encoder.id,
      decodeRecipe: 'soxr-1',
      window: referenceWindow,
      precision: 'fp32',
    } as const;
    library.embeddings.put({ ...space, songId }, Float32Array.from(embedding), 'cpu');
    library.scores.put({ ...space, songId }, head.id, { rawScore: score, score });
    return songId;
  });
}

/** The entries of an export of these songs in this order. */
export function entriesOf(library: Library, songIds: readonly number[]): ExportEntry[] {
  return readExportEntries(library, songIds).entries;
}

/** What lies in a folder: names with contents, long ones as their hash. */
export function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    namesIn(folder).map((name) => {
      const bytes = readFileSync(join(folder, name));
      return [name, bytes.length > 200 ? createHash('sha256').update(bytes).digest('hex') : bytes.toString()];
    }),
  );
}

export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}
