/** What an export says about each song, and the forms that playlists come in. */
import { z } from 'zod';
import { songIdSchema, verdictSchema } from './song-query.ts';

/** A song of an export. Its file is there when the entry is made. */
export const exportEntrySchema = z.object({
  /** 1 for the first song of the export. */
  rank: z.int().positive(),
  songId: songIdSchema,
  /** Absolute. */
  path: z.string(),
  /** The title tag, else the file's name without its extension. */
  title: z.string(),
  artist: z.string().nullable(),
  album: z.string().nullable(),
  genre: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  /** 0..10 in the ranking of the export, null where it gave this song none. */
  score: z.number().nullable(),
  /** Ids of the models that made the score, and whether it is the draft's; null and false without a score. */
  encoder: z.string().nullable(),
  head: z.string().nullable(),
  isDraft: z.boolean(),
  verdict: verdictSchema,
  stars: z.int().min(0).max(5),
  note: z.string(),
  tempoBpm: z.number().nullable(),
  musicalKey: z.string().nullable(),
  prompt: z.string().nullable(),
  seed: z.string().nullable(),
});
export type ExportEntry = z.infer<typeof exportEntrySchema>;

export const playlistFormats = ['m3u8', 'xspf', 'pls', 'csv', 'json'] as const;
export const playlistFormatSchema = z.enum(playlistFormats);
export type PlaylistFormat = z.infer<typeof playlistFormatSchema>;

/** Whether a playlist names its songs from its own folder or from the root. */
export const pathStyleSchema = z.enum(['relative', 'absolute']);
export type PathStyle = z.infer<typeof pathStyleSchema>;
