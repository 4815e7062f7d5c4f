/** Words about what encoders run on: the table of execution providers and its measuring. */
import type { CalibrationProgress } from '../../shared/calibration.ts';
import { providerName } from '../../shared/calibration-words.ts';
import { formatDate } from './dates.ts';

export const providerStrings = {
  title: 'How fast here',
  lead: 'Each way to run the encoder, tried in a process of its own and compared with the processor in fp32.',
  table: 'Ways to run the encoder',
  none: 'Not measured yet.',
  about: (encoder: string, windowSeconds: number, measuredAt: string) =>
    `${encoder}, ${windowSeconds} s of a song, measured on ${formatDate(measuredAt, 'longDay')}.`,
  measure: 'Measure',
  measureAgain: 'Measure again',
  cancel: 'Cancel',
  measuring: ({ provider, precision, doneCount, totalCount }: CalibrationProgress) =>
    `Measuring ${doneCount + 1} of ${totalCount}: ${providerName(provider)}, ${precision}. Songs wait meanwhile.`,
  takesMinutes: 'Takes a few runs of the encoder for each way: minutes with MERT.',
  useFastest: 'Use the fastest',
  usesFastest: 'The fastest in this precision is in use.',
};
