/** Says of analyses of scores what they lack, and what they leave out. */
import { count, counted } from './insight-phrases.ts';
import type { InsightAnalysis } from './insight.ts';

const needed: Record<InsightAnalysis['kind'], string> = {
  scores: 'a score',
  'hit-rates': 'a score',
  genres: 'a score and a genre',
  prompts: 'a score and a prompt',
  terms: 'a score and a prompt',
  tempo: 'a score and a tempo',
  keys: 'a score and a key',
  'tempo-keys': 'a score, a tempo and a key',
  duration: 'a score and a length',
  loudness: 'a score and a loudness',
  'generation-time': 'a score and a generation time',
  'top-bottom': 'a score',
  reference: 'a score',
  comparison: 'a score',
};

/** How many songs are left out of an analysis, empty where none are. */
export function describeLeftOut({ kind, songs, songsWithout }: InsightAnalysis): string {
  if (songs === 0 || songsWithout === 0) return '';
  const missing = needed[kind].replace(/^a score(?: and |, )/, '');
  return `${counted(songsWithout, 'song')} without ${missing} ${songsWithout === 1 ? 'is' : 'are'} left out.`;
}

/** Why an analysis can say nothing for want of songs; null where that is not so. */
export function describeLack({ kind, verdict, songs, fewestSongs }: InsightAnalysis): string | null {
  if (verdict === 'nothing') return `No song here has ${needed[kind]}.`;
  if (verdict !== 'too-few') return null;
  if (songs >= fewestSongs) return null;
  const have = songs === 1 ? 'has' : 'have';
  return `Only ${counted(songs, 'song')} here ${have} ${needed[kind]}: too few to say anything. It takes at least ${count(fewestSongs)}.`;
}
