/** Where a song starts to play by the person's settings. */
import type { StartPosition } from '../../shared/app-settings.ts';
import type { LoadedSong } from './deck-slot.ts';
import { loudestPartStart } from './loudest-part.ts';

/** How far in a start lies with “30 s in”; a song must be twice as long for it. */
const inSeconds = 30;

/** Seconds from the beginning. */
export function startSecondsOf(
  { details, peaks }: Pick<LoadedSong, 'details' | 'peaks'>,
  position: StartPosition,
): number {
  const durationSeconds = details.row.durationSeconds ?? 0;
  switch (position) {
    case 'beginning':
      return 0;
    case 'thirty-seconds':
      return durationSeconds >= 2 * inSeconds ? inSeconds : 0;
    case 'loudest-part':
      return loudestPartStart(peaks, durationSeconds);
  }
}
