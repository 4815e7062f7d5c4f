/** Words about the work in the background. */
import type { JobOutcome } from '../../shared/jobs.ts';
import type { QuietReason } from '../../shared/pace.ts';
import { roughTime } from './rough-time.ts';

const number = (value: number) => value.toLocaleString('en');

export const jobStrings = {
  title: 'Jobs',
  open: 'Open jobs',
  starting: 'Starting…',
  scoring: (done: number, total: number) =>
    `Scoring ${number(Math.min(done + 1, total))} of ${number(total)}`,
  paused: (done: number, total: number) => `Paused at ${number(done)} of ${number(total)}`,
  blocked: 'Waiting',
  stopped: 'Nothing can be scored',
  idle: 'All songs are scored',
  nothingWaits: 'No song waits',
  looking: 'Looking through folders…',
  folderAway: 'A folder is out of reach',
  pace: (songsPerSecond: number) => {
    const perMinute = songsPerSecond * 60;
    return perMinute >= 1
      ? `${perMinute < 10 ? perMinute.toFixed(1) : number(Math.round(perMinute))} songs/min`
      : `${Number((perMinute * 60).toFixed(1))} songs/h`;
  },
  timeLeft: (seconds: number) => `${roughTime(seconds)} left`,
  quiet: {
    setting: 'quietly',
    battery: 'quietly, on battery',
    heat: 'quietly, while the machine is hot',
  } satisfies Record<QuietReason, string>,
  busy: (share: number) => `The model was at work ${(share * 100).toFixed(0)} % of the time.`,
  failed: (count: number) => `${number(count)} failed`,
  pause: 'Pause scoring',
  resume: 'Go on scoring',
  downloading: (percent: number) => `Downloading MERT, ${percent} %`,
  downloadStopped: 'The download stopped',
  downloadPaused: (percent: number) => `Download paused at ${percent} %`,
  now: 'Now',

  tabs: { waiting: 'Waiting', failed: 'Failed', finished: 'Finished' },
  counted: (label: string, count: number) => `${label} ${number(count)}`,
  empty: {
    waiting: 'No song waits.',
    failed: 'No song failed.',
    finished: 'No song was scored yet.',
  },
  retryFailed: 'Try all again',
  retried: (count: number) =>
    count === 1 ? 'One song is tried again.' : `${number(count)} songs are tried again.`,
  cancelWaiting: 'Cancel all waiting…',
  cancelQuestion: (count: number) =>
    `Take ${count === 1 ? 'the song' : `all ${number(count)} songs`} out of the queue? Files and verdicts stay as they are.`,
  cancelYes: 'Take them out',
  cancelNo: 'Leave them',
  cancelled: (count: number) =>
    count === 1 ? 'One song was taken out.' : `${number(count)} songs were taken out.`,
  first: 'Do this next',
  raised: 'It goes before the others.',
  running: 'being scored',
  waiting: 'waits',
  attempts: (count: number) => (count === 1 ? 'tried once' : `tried ${count} times`),
  outcomes: {
    scored: 'scored',
    known: 'known already',
    skipped: 'skipped',
    failed: 'failed',
    cancelled: 'taken out',
  } satisfies Record<JobOutcome, string>,
  show: 'Show the song',
};
