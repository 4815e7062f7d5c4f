/** Words of the comparison of two songs. */
import { formatDuration } from '../../shared/format-quantities.ts';
import { signed } from './player.ts';

export const compareStrings = {
  title: 'Compare',
  sides: ['A', 'B'] as const,
  side: (side: string) => `Song ${side}`,
  matched: (lufs: number | null) =>
    lufs === null ? 'Loudness not measured' : `Loudness matched · ${signed(lufs)} LUFS`,
  matchedHint: 'Both songs are played equally loud, so that the louder one does not win for being loud.',
  blind: 'Blind',
  blindHint: 'Hides titles, scores and waveforms, and puts the songs on sides that you cannot know.',
  playing: 'playing',
  silent: 'same position, silent',
  paused: 'paused',
  loading: 'Getting both ready…',
  hidden: 'Hidden until you have decided',
  switch: 'Switch',
  listenTo: (side: string) => `Listen to ${side}`,
  better: (side: string) => `${side} is better`,
  even: 'Even',
  play: 'Play both',
  pause: 'Pause both',
  seed: (seed: string) => `seed ${seed}`,
  score: (score: string, isDraft: boolean) => (isDraft ? `${score} draft` : score),
  shorter: (seconds: number) =>
    `Both play to ${formatDuration(seconds)}, where the shorter one ends, and then again.`,
  recorded: {
    better: (title: string) => `“${title}” is better`,
    even: 'Neither is better',
  },
  recordedNext: 'Recorded as your comparison of these two; no score and no verdict was changed.',
  again: 'Compare again',
  position: 'Position in both songs',
  announceSide: (side: string) => `${side} is playing`,
  gone: 'Choose two songs in the list to compare them.',
};
