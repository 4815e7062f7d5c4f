/** How often a song was heard, and from when on hearing counts as a play. */
import { z } from 'zod';

/** A play is a song heard for this long, or for half of its length, whichever is first. */
export const countedPlaySeconds = 30;

export const songPlaysSchema = z.object({
  count: z.int().nonnegative(),
  /** When the last play was counted, milliseconds since 1970; null before the first. */
  lastPlayedAtMs: z.number().nullable(),
});
export type SongPlays = z.infer<typeof songPlaysSchema>;

/**
 * Seconds of hearing after which a song counts as played.
 *
 * @param durationSeconds null where the length is not known
 */
export function secondsUntilPlayed(durationSeconds: number | null): number {
  if (durationSeconds === null || !(durationSeconds > 0)) return countedPlaySeconds;
  return Math.min(countedPlaySeconds, durationSeconds / 2);
}
