/** When a batch began, in a few words. */

const dayMs = 86_400_000;

/** `today 01:10`, `yesterday 23:05`, `Tue 24 Nov`, and with the year once it is another one. */
export function batchWords(startedAtMs: number, nowMs = Date.now()): string {
  const started = new Date(startedAtMs);
  const time = started.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const daysAgo = Math.round((midnightOf(nowMs) - midnightOf(startedAtMs)) / dayMs);
  if (daysAgo === 0) return `today ${time}`;
  if (daysAgo === 1) return `yesterday ${time}`;
  const isThisYear = started.getFullYear() === new Date(nowMs).getFullYear();
  return started.toLocaleDateString('en-GB', {
    ...(isThisYear && { weekday: 'short' }),
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  });
}

function midnightOf(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}
