/** Lengths of time in the words that a person would use. */

/** `40 s`, `8 min`, `2.5 h`, `3 days`. */
export function roughTime(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 10) return `${Number(hours.toFixed(1))} h`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
