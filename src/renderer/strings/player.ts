/** Words of the player. */
import { formatDuration } from '../../shared/format-quantities.ts';

/** A level or gain with its sign: `−3.2`, `+1.5`, `−14`. */
export function signed(value: number, isPlusShown = false): string {
  const rounded = Math.round(value * 10) / 10;
  const digits = Math.abs(rounded).toFixed(Number.isInteger(rounded) ? 0 : 1);
  if (rounded < 0) return `−${digits}`;
  return isPlusShown && rounded > 0 ? `+${digits}` : digits;
}

export const playerStrings = {
  unplayable: 'This file cannot be played.',
  deviceGone: 'That audio output is not there any more; the system’s is used.',
  region: 'Player',
  play: 'Play',
  pause: 'Pause',
  next: 'Next song',
  previous: 'Previous song',
  nothing: 'Nothing is playing',
  loading: 'Getting it ready to play…',
  draft: 'draft',
  missing: 'Its file is not there just now',
  position: 'Position in the song',
  positionOf: (seconds: number, total: number) => `${formatDuration(seconds)} of ${formatDuration(total)}`,
  volume: 'Volume',
  volumeOf: (percent: number) => `${percent} %`,
  mute: 'Mute',
  unmute: 'Unmute',
  options: 'How songs are played',
  startAt: 'Start each song',
  starts: {
    beginning: 'At its beginning',
    'thirty-seconds': '30 s in',
    'loudest-part': 'At its loudest part',
  },
  loudness: 'Loudness',
  matchLoudness: (targetLufs: number) => `Play all songs equally loud (${signed(targetLufs)} LUFS)`,
  output: 'Play through',
  systemOutput: 'The system’s output',
  /** What is heard, and what was done for it. */
  matched: (lufs: number, gainDb: number) => `≈ ${signed(lufs)} LUFS, ${signed(gainDb, true)} dB`,
  unmatched: (lufs: number) => `${signed(lufs)} LUFS`,
  matchedHint: 'Loudness at which this song is played, and the gain that brings it there.',
  heldBackHint:
    'This song is quieter than the target: raised further, its peaks would clip. Gain and loudness as played.',
  unmatchedHint: 'Loudness of this song; songs are played as loud as they are.',
  level: 'Level',
};
