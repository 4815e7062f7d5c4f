/** Made-up entries of exports. */
import type { ExportEntry } from '../../src/shared/export-entry.ts';

/** An entry with these fields and ordinary ones besides. */
export function entryWith(fields: Partial<ExportEntry>): ExportEntry {
  return {
    rank: 1,
    songId: 1,
    path: '/music/song.wav',
    title: 'Song',
    artist: null,
    album: null,
    genre: null,
    durationSeconds: 61.4,
    score: 7.256,
    encoder: 'mert-v1-330m',
    head: 'banger',
    isDraft: false,
    verdict: 'undecided',
    stars: 0,
    note: '',
    tempoBpm: null,
    musicalKey: null,
    prompt: null,
    seed: null,
    ...fields,
  };
}
