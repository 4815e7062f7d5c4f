/** Counts what the player plays: listens to a deck and tells when its song was heard long enough. */
import type { DeckSlot } from './deck-slot.ts';
import { PlayMeter } from './play-meter.ts';

/**
 * Listens for as long as the deck lives.
 *
 * @param onPlayed called once for each time that a song is heard
 */
export function countPlays(slot: DeckSlot, onPlayed: (songId: number) => void): void {
  const { element } = slot;
  const meter = new PlayMeter();
  let heardId: number | null = null;
  // A file that is read anew in the middle is still the same song being heard.
  const follow = () => {
    if (slot.songId === heardId) return;
    heardId = slot.songId;
    meter.begin();
  };
  element.addEventListener('loadstart', follow);
  element.addEventListener('emptied', follow);
  element.addEventListener('ended', () => {
    meter.begin();
  });
  element.addEventListener('seeking', () => {
    meter.jump();
  });
  element.addEventListener('timeupdate', () => {
    if (element.paused || element.seeking || slot.songId === null) return;
    const durationSeconds = slot.durationSeconds ?? slot.song?.details.row.durationSeconds ?? null;
    if (meter.reach(element.currentTime, durationSeconds)) onPlayed(slot.songId);
  });
}
