/** When a batch began, in a few words. */
import { formatDate } from '../strings/dates.ts';

const dayMs = 86_400_000;

/**
 * `today 01:10`, `yesterday 23:05`, `Tue 24 Nov`, and with the year once it is another one.
 *
 * @param locale the person’s own unless told
 */
export function batchWords(startedAtMs: number, nowMs = Date.now(), locale?: string): string {
  const time = formatDate(startedAtMs, 'time', locale);
  const daysAgo = Math.round((midnightOf(nowMs) - midnightOf(startedAtMs)) / dayMs);
  if (daysAgo === 0) return `today ${time}`;
  if (daysAgo === 1) return `yesterday ${time}`;
  const isThisYear = new Date(startedAtMs).getFullYear() === new Date(nowMs).getFullYear();
  return formatDate(startedAtMs, isThisYear ? 'weekday' : 'day', locale);
}

function midnightOf(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}
