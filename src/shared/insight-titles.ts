/** What the analyses are called, on the screen and in reports. */
import type { InsightKind } from './insight.ts';

export const insightTitles: Record<InsightKind, string> = {
  scores: 'Scores',
  'hit-rates': 'Hit rates',
  genres: 'Genres',
  prompts: 'Prompts',
  terms: 'Words and styles',
  tempo: 'Tempo',
  keys: 'Keys, major and minor',
  'tempo-keys': 'Tempo and key',
  duration: 'Length',
  loudness: 'Loudness',
  'generation-time': 'Generation time',
  'top-bottom': 'Best and worst',
  reference: 'Against a reference',
  comparison: 'Two groups compared',
};
