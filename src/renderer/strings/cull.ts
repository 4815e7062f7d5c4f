/** Words of culling. */
import { ordinal } from '../inspector/ordinal.ts';

export const cullStrings = {
  title: 'Cull',
  progress: (place: number, total: number, kept: number) =>
    `${place.toLocaleString('en')} of ${total.toLocaleString('en')} · ${kept.toLocaleString('en')} kept`,
  remaining: (count: number) =>
    count === 0 ? 'all decided' : `${count.toLocaleString('en')} left to decide`,
  onlyUndecided: 'Only undecided',
  place: (rank: number, total: number) => `${ordinal(rank)} of ${total.toLocaleString('en')}`,
  unscored: 'Not scored yet',
  kept: 'kept',
  rejected: 'rejected',
  keep: 'Keep',
  reject: 'Reject',
  tempo: (bpm: number) => `${Math.round(bpm)} BPM`,
  started: {
    beginning: '',
    'thirty-seconds': 'started 30 s in',
    'loudest-part': 'started at the loudest part',
  },
  keys: {
    play: 'play',
    neighbours: 'previous, next',
    stars: 'stars',
    clear: 'clear',
    undo: 'undo',
    all: 'all keys',
  },
  loading: 'Getting the songs…',
  announce: (title: string, place: number, total: number, score: string, verdict: string) =>
    [`${title}, ${place} of ${total}`, score, verdict].filter((part) => part !== '').join(', '),
  announceScore: (score: string, isDraft: boolean) => `${isDraft ? 'draft score' : 'score'} ${score}`,
  empty: 'Nothing is left to decide in this list',
  emptyNext: 'Every song here has its verdict. Take the decided ones in again, or go back to the list.',
  showDecided: 'Show decided songs too',
  /** Under the number of kept songs. */
  endTitle: (total: number) => `of ${total === 1 ? '1 song' : `${total.toLocaleString('en')} songs`} kept`,
  endRejected: (rejected: number) =>
    rejected === 0
      ? 'Every song has its verdict.'
      : `Every song has its verdict; ${rejected.toLocaleString('en')} rejected. Nothing was moved or deleted.`,
  exportKept: 'Export what you kept…',
  reviewKept: 'Hear what you kept again',
  lookAtRejected: 'Look at the rejected…',
  backToList: 'Back to the list',
};
