/** Words of what decides how exactly and how hard the machine works: precision, threads, quiet mode, rest. */
import { describeAgreement } from '../../shared/precision-words.ts';
import type { Precision } from '../../shared/library.ts';
import type { Agreement } from '../../shared/precision-commands.ts';
import { formatDate } from './dates.ts';

export const paceStrings = {
  precision: 'Precision',
  precisions: {
    fp32: 'fp32, the reference',
    fp16: 'fp16, mostly faster',
    int8: 'int8, mostly faster',
  } satisfies Record<Precision, string>,
  fp32Alone: 'fp32, the precision of the reference, is all that this encoder has here.',
  precisionHint:
    'fp32 stays the reference. Another precision has a list of its own, and songs are scored anew for it.',
  agreement: (agreement: Agreement) =>
    `${describeAgreement(agreement)} Measured on ${formatDate(agreement.measuredAtMs, 'longDay')}.`,
  notMeasured: (precision: Precision) => `How ${precision} ranks your songs has not been measured yet.`,
  measure: (precision: Precision) => `Measure ${precision}`,
  measureAgain: (precision: Precision) => `Measure ${precision} again`,
  measuring: (precision: Precision, done: number, total: number) =>
    `Comparing ${precision} with fp32 on your songs: ${done} of ${total}`,
  cancel: 'Cancel',

  work: 'How hard it works',
  quiet: 'Quiet mode',
  quietHint: 'Half of the processors, after everything else. Songs take about twice as long.',
  saves: 'Save battery and heat',
  savesHint: 'Quiet on battery and while the machine is hot, at rest while the battery is low.',
  threads: 'Threads',
  threadsHint: 'How many processors the model may use at once.',
  allThreads: 'As many as help',
  threadCount: (count: number) => (count === 1 ? '1 thread' : `${count} threads`),
  idle: 'Out of memory after',
  idleOf: (minutes: number) =>
    minutes === 1 ? '1 minute without a song' : `${minutes} minutes without a song`,
  idleHint: (loadSeconds: number | null) =>
    loadSeconds === null
      ? 'Gives the model’s memory back; the next song waits until it is loaded again.'
      : `Gives the model’s memory back; the next song waits until it is loaded again, which took ${loadSeconds.toFixed(1)} s last time.`,
};
