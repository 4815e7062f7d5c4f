/** Words of the inspector. */
import type { SongFlag } from '../../shared/audio.ts';
import type { Generator } from '../../shared/generation.ts';
import { formatDuration } from '../../shared/format-quantities.ts';
import { countedPlaySeconds, type SongPlays } from '../../shared/plays.ts';
import type { Ranking } from '../../shared/song-query.ts';
import { placeWords, shareWords, type Place } from '../inspector/place-words.ts';
import { formatDate } from './dates.ts';
import { signed } from './player.ts';

const generatorNames: Record<Generator, string> = {
  'ace-step-1.5': 'ACE-Step 1.5',
  'ace-step-1': 'ACE-Step',
  'banger-scorer': 'Banger Scorer’s generator',
  comfyui: 'ComfyUI',
  suno: 'Suno',
  musicgen: 'MusicGen',
  other: 'Not named',
};

const flagWords: Record<SongFlag, string> = {
  silent: 'Silent: the whole song stays under −60 dBFS.',
  clipped: 'Clipped: runs of samples stand at full scale, which can sound harsh.',
  short: 'Shorter than a second: there is little to judge.',
  'cut-off': 'Cut off: the file ends before it says it does, or breaks.',
  'wrong-extension': 'The file’s name promises another format than it holds.',
};

function countOf(count: number): string {
  return count.toLocaleString('en');
}

export const inspectorStrings = {
  region: 'Inspector',
  open: 'Details',
  close: 'Close the details',
  play: 'Play',
  pause: 'Pause',
  ofTen: '/ 10',
  gone: 'This song is not in the library any more.',

  notScored: 'Not scored yet',
  /** The place in the list first, then the share of everything. */
  place: (list: Place | null, library: Place | null): string => {
    const isWhole = list !== null && library !== null && list.total === library.total;
    if (isWhole) return `${placeWords(list)} · ${shareWords(list)}`;
    const inList = list === null ? null : `${placeWords(list)} in this list`;
    const ofAll = library === null ? null : `${shareWords(library)} of all ${countOf(library.total)}`;
    return [inList, ofAll].filter((part) => part !== null).join(' · ');
  },
  reference: (percent: number, name: string) => `Scores no lower than ${Math.floor(percent)} % of “${name}”.`,
  window: (startSeconds: number, lengthSeconds: number) =>
    startSeconds === 0
      ? `first ${Math.round(lengthSeconds)} s`
      : `${formatDuration(startSeconds)} to ${formatDuration(startSeconds + lengthSeconds)}`,
  model: ({ encoderLabel, headLabel, precision }: Ranking) => `${encoderLabel} · ${headLabel} · ${precision}`,
  /** A head that somebody trained on the draft has learned something, and is as little to be compared. */
  draftBy: (head: string) =>
    `A draft score by the head “${head}”, which learned from the draft’s measurements. It is never ranked together with MERT’s scores.`,
  draft:
    'A draft score: a rule of thumb over how a song is recorded, learned from nothing. It sorts a list roughly and is never ranked together with MERT’s scores.',
  histogram: (place: string, lowest: string, highest: string) =>
    `How the scores of this list spread, from ${lowest} to ${highest}. This song: ${place}.`,
  bar: (count: number) => (count === 1 ? '1 song' : `${countOf(count)} songs`),
  help: 'What this number means',
  helpPoints: [
    {
      title: 'It ranks the songs of one batch.',
      text: 'A 7.4 is worth hearing before a 5.1 from the same night. It is no measure of one song by itself.',
    },
    {
      title: 'Popularity is not quality.',
      text: 'The model learned how often songs of an archive were listened to. What few people have heard may be the best of all.',
    },
    {
      title: 'Genres are not equal.',
      text: 'Listeners of that archive favour some genres, and a score carries their preference. Compare like with like.',
    },
    {
      title: 'Thirty seconds.',
      text: 'Only the first 30 s are judged. A song that gets good later is judged by its beginning.',
    },
    {
      title: 'A draft score is weaker still.',
      text: 'It was set by hand and measures how a recording is made, not whether it is good.',
    },
  ],

  otherScores: 'Other scores',
  otherScore: ({ encoderLabel, headLabel, isDraft }: Ranking) =>
    isDraft ? encoderLabel : `${encoderLabel}, ${headLabel}`,

  judgement: 'Your judgement',
  keep: 'Keep',
  reject: 'Reject',
  stars: 'Stars',
  note: 'Note',
  notePlaceholder: 'Write down what you heard',
  plays: ({ count, lastPlayedAtMs }: SongPlays) =>
    lastPlayedAtMs === null
      ? 'Not played yet'
      : `Played ${count === 1 ? 'once' : `${count} times`}, last ${formatDate(lastPlayedAtMs, 'moment')}`,
  playsHelp: `A song counts as played once you have heard ${countedPlaySeconds} seconds of it, or half of a shorter one.`,

  madeWith: 'Made with',
  notMade: 'Nothing is written down about how this song was made.',
  prompt: 'Prompt',
  lyrics: 'Lyrics',
  showAll: 'Show all',
  showLess: 'Show less',
  seed: 'Seed',
  tempo: 'Tempo',
  tempoOf: (bpm: number) => `${Math.round(bpm * 10) / 10} BPM`,
  key: 'Key',
  timeSignature: 'Time',
  steps: 'Steps',
  guidance: 'Guidance',
  model_: 'Model',
  generator: 'Generator',
  generatorName: (generator: Generator) => generatorNames[generator],
  took: 'Took',
  tookSeconds: (seconds: number) => (seconds < 90 ? `${Math.round(seconds)} s` : formatDuration(seconds)),
  raw: 'Everything it wrote',
  rawFrom: (file: string) => `Read from ${file}`,
  rawTitle: 'How this song was made',

  sound: 'Sound',
  loudness: 'Loudness',
  loudnessOf: (lufs: number, peakDbtp: number | null) =>
    peakDbtp === null ? `${signed(lufs)} LUFS` : `${signed(lufs)} LUFS, peak ${signed(peakDbtp, true)} dB`,
  notMeasured: 'not measured',
  format: 'Format',
  formatOf: (codec: string, sampleRateHz: number, channels: number) =>
    `${codec}, ${Math.round(sampleRateHz / 100) / 10} kHz, ${
      channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`
    }`,
  kilohertz: (sampleRateHz: number) => `${Math.round(sampleRateHz / 100) / 10} kHz`,
  notices: 'Notices',
  none: 'none',
  flag: (flag: SongFlag) => flagWords[flag],

  tags: 'Tags',
  artist: 'Artist',
  album: 'Album',
  genre: 'Genre',
  comment: 'Comment',

  files: 'Files',
  missing: 'not there just now',
  reveal: 'Show in folder',
  copyPath: 'Copy the path',
  writeTags: 'Write tags…',
  trash: 'Move to trash…',

  soundsLike: 'Sounds like',
  similarity: (value: number) => value.toFixed(2),
  similarityHint: 'How alike the model hears them: 1 is the same direction, 0 unrelated.',
  nothingAlike: 'No other song has been heard by this model yet.',

  comparisons: 'Compared with',
  outcome: { won: 'better than', lost: 'not as good as', even: 'as good as' },
  blind: 'blind',
  goneSong: 'a song that is gone',

  copy: (what: string) => `Copy ${what.toLowerCase()}`,
  copied: 'Copied.',
  notCopied: 'The browser did not allow copying. Select the text and copy it with the keyboard.',

  several: {
    title: (count: number) => (count === 1 ? '1 song' : `${countOf(count)} songs`),
    length: 'Together',
    scores: 'Scores',
    range: (lowest: string, highest: string) => (lowest === highest ? lowest : `${lowest} to ${highest}`),
    unscored: (count: number) => `${countOf(count)} not scored`,
    verdicts: 'Verdicts',
    verdictCounts: (kept: number, rejected: number, undecided: number) =>
      `${countOf(kept)} kept, ${countOf(rejected)} rejected, ${countOf(undecided)} undecided`,
    clear: 'Clear verdicts',
    compare: 'Compare the two…',
    export: 'Export…',
    tooMany: (count: number) => `Counted over the first ${countOf(count)}.`,
  },

  tagDialog: {
    title: 'Write tags',
    description: 'The only thing that is ever written into your songs. The audio itself stays as it is.',
    score: (score: string) => `Score: BANGER_SCORE = ${score}`,
    noScore: 'Score',
    draftRefused: 'A draft score is never written into files: it means nothing outside this app.',
    unscored: 'This song has no score yet.',
    severalScores: 'Score as BANGER_SCORE; songs that have only a draft score are left out.',
    stars: (stars: number) => `Stars: FMPS_Rating = ${(stars / 5).toFixed(1)}`,
    noStars: 'Stars',
    starsUnset: 'This song has no stars; whatever rating its file has stays.',
    severalStars: 'Stars as FMPS_Rating; songs without stars keep the rating of their file.',
    write: 'Write',
    remove: 'Take our tags out',
    working: 'Writing…',
    changed: 'Written',
    unchanged: 'Nothing to change',
    refused: 'Not written',
    noFile: 'No file is there',
    more: (count: number) => `and ${countOf(count)} more`,
  },

  trashDialog: {
    title: 'Move to the trash',
    description: 'The song is rejected and its files go to the system’s trash. Nothing is deleted.',
    planning: 'Looking at its files…',
    leftAlone: 'Left where it is',
    leftAloneReasons: {
      exported: 'an export made it',
      copy: 'another copy of the same song',
      shared: 'another song may need it',
      changed: 'not the file that was scored any more',
      'set-aside': 'set aside already',
    },
    nothing: 'There is no file to move.',
    move: (count: number) => (count === 1 ? 'Move 1 file' : `Move ${countOf(count)} files`),
    moving: 'Moving…',
    done: (count: number) =>
      count === 1 ? '1 file is in the trash.' : `${countOf(count)} files are in the trash.`,
    setAside: 'Move to a folder “_rejected” instead',
  },
};
