/** Numbers of songs in sentences about data. */

/** `1 song`, `12 songs`. */
export function countSongs(count: number): string {
  return count === 1 ? '1 song' : `${count} songs`;
}
