/** What the work in the background comes to in a glance: a title, a line under it, how far it is. */
import type { WorkState } from '../../shared/app-commands.ts';
import type { JobProgress, JobReason } from '../../shared/jobs.ts';
import type { WatchedFolderStatus } from '../../shared/watch.ts';
import { strings } from '../strings/en.ts';
import type { Spell } from './spell-of-work.ts';

export interface JobStatus {
  /**
   * - `working`, `paused`: songs wait or are worked on
   * - `blocked`: they cannot be just now
   * - `stopped`: nothing can be scored at all
   * - `idle`: nothing waits
   * - `unknown`: the engine has not said yet
   */
  kind: 'working' | 'paused' | 'blocked' | 'stopped' | 'idle' | 'unknown';
  title: string;
  /** Pace and time left, why it stands still, or what a folder lacks; empty for nothing to say. */
  detail: string;
  nextStep: string | null;
  /** 0..1, null where there is no bar. */
  share: number | null;
  failedCount: number;
}

export interface JobStatusFacts {
  work: WorkState;
  jobs: JobProgress | null;
  spell: Spell | null;
  folders: readonly WatchedFolderStatus[];
}

export function jobStatusOf({ work, jobs, spell, folders }: JobStatusFacts): JobStatus {
  const words = strings.jobs;
  const base = { detail: '', nextStep: null, share: null, failedCount: jobs?.counts.failed ?? 0 };
  if (work.state === 'stopped') {
    return { ...base, kind: 'stopped', title: words.stopped, ...reasonOf(work.reason) };
  }
  if (jobs === null || work.state === 'starting') return { ...base, kind: 'unknown', title: words.starting };
  if (spell === null) {
    const unavailable = folders.find(({ state }) => state === 'unavailable');
    if (unavailable !== undefined) {
      const { reason, nextStep } = unavailable;
      return { ...base, kind: 'idle', title: words.folderAway, detail: reason ?? unavailable.path, nextStep };
    }
    const isLooking = folders.some(({ state }) => state === 'scanning');
    const title = isLooking ? words.looking : base.failedCount > 0 ? words.nothingWaits : words.idle;
    return { ...base, kind: 'idle', title };
  }
  const share = spell.total === 0 ? null : spell.done / spell.total;
  const { runner } = jobs;
  if (runner.state === 'blocked') {
    return { ...base, kind: 'blocked', title: words.blocked, share, ...reasonOf(runner.reason) };
  }
  if (runner.state === 'paused') {
    return { ...base, kind: 'paused', title: words.paused(spell.done, spell.total), share };
  }
  return {
    ...base,
    kind: 'working',
    title: words.scoring(spell.done, spell.total),
    detail: [paceOf(jobs), ...(jobs.quietBecause === null ? [] : [words.quiet[jobs.quietBecause]])]
      .filter((part) => part !== '')
      .join(' · '),
    share,
  };
}

/** Pace and time left in one line; empty before the first song. */
export function paceOf({ songsPerSecond, etaSeconds }: JobProgress): string {
  const words = strings.jobs;
  const parts = [
    ...(songsPerSecond === null || songsPerSecond === 0 ? [] : [words.pace(songsPerSecond)]),
    ...(etaSeconds === null ? [] : [words.timeLeft(etaSeconds)]),
  ];
  return parts.join(' · ');
}

function reasonOf(reason: JobReason | null): Pick<JobStatus, 'detail' | 'nextStep'> {
  return { detail: reason?.message ?? '', nextStep: reason?.nextStep ?? null };
}
