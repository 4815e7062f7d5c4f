/** Words of what is measured in songs, of what percentiles are stated against, and for scores. */
import { keyInFull } from '../player/key-in-full.ts';
import type { SongAnalysisProgress } from '../../shared/analysis-commands.ts';
import type { RatingBand } from '../../shared/rating-words.ts';
import type { StatedReference } from '../../shared/reference-commands.ts';
import { commonStrings } from './common.ts';
import { roughTime } from './rough-time.ts';

const number = (value: number) => value.toLocaleString('en');

export const measureStrings = {
  tempo: 'Tempo',
  tempoOf: (bpm: number) => `${Math.round(bpm * 10) / 10} BPM`,
  key: 'Key',
  keyOf: (key: string) => keyInFull(key),
  asGenerated: (value: string) => `${value}, as generated`,
  measured: (value: string) => `${value}, measured`,
  measuredUnsure: (value: string) => `${value}, measured, not sure`,
  asGeneratedButMeasured: (value: string, measured: string) => `${value}, as generated; measured ${measured}`,
  noTempo: 'no steady beat found',
  noKey: 'no clear key found',

  sounds: 'Tempo and key',
  soundsLead:
    'Measured from the first 30 s of each song as it is scored. What a generator says of its song comes first.',
  soundsKnown: (analyzed: number, pending: number) =>
    pending === 0
      ? `${commonStrings.songs(analyzed)} measured; none is left.`
      : `${commonStrings.songs(analyzed)} measured, ${number(pending)} not yet.`,
  measure: 'Measure',
  measuring: 'Measuring tempo and key',
  measuringOf: ({ done, total, etaSeconds }: SongAnalysisProgress) =>
    `${number(done)} of ${commonStrings.songs(total)}${etaSeconds === null ? '' : `, ${roughTime(etaSeconds)}`}`,
  cancel: 'Cancel',
  measuredAll: (measured: number) => `${commonStrings.songs(measured)} measured.`,
  measuredSome: (measured: number, left: number) =>
    `${commonStrings.songs(measured)} measured. ${number(left)} could not be read or are not there.`,

  reference: 'Percentiles',
  referenceLead:
    'A score’s share is told within the list, and here also against a set of songs that stays as it is. It is always named with it.',
  referenceNow: ({ name, encoder, head }: StatedReference) =>
    `Stated against ${name}. It counts for scores by ${encoder} and ${head}.`,
  referenceNone: 'Stated against the list alone.',
  referenceChoice: 'State them against',
  referenceNothing: 'The list alone',
  referenceLibrary: 'All scores of the library, as they are now',
  referenceLabels: (head: string) => `The labels of the songs that “${head}” learned from`,
  referencePredictions: (head: string) => `The scores by “${head}” of the songs that it learned from`,
  referenceUse: 'Use',

  ratings: 'Words beside scores',
  ratingsHint:
    'From “very low” to “very high”, two points each, in the details and over the scores of the list. A word says where a score lies, not how good a song is. Draft scores get none.',
  ratingOf: {
    'very-low': 'very low',
    low: 'low',
    middle: 'middle',
    high: 'high',
    'very-high': 'very high',
  } satisfies Record<RatingBand, string>,
};
