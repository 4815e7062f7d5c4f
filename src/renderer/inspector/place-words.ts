/** Where a song stands, in words: its place first, then its share. */
import { ordinal } from './ordinal.ts';

/** A place among songs with a score. */
export interface Place {
  /** 1 for the best. */
  rank: number;
  /** Songs with a score. */
  total: number;
}

/** `3rd of 54` */
export function placeWords({ rank, total }: Place): string {
  return `${ordinal(rank)} of ${total.toLocaleString('en')}`;
}

/**
 * `top 2 %` for the upper half, `better than 30 %` for the lower one; never more than is true: the share is rounded
 * against the song.
 */
export function shareWords({ rank, total }: Place): string {
  const top = Math.max(1, Math.ceil((100 * rank) / total));
  if (top <= 50) return `top ${top} %`;
  return `better than ${Math.floor((100 * (total - rank)) / total)} %`;
}
