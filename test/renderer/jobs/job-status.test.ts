/** What the job strip says in every state of the work. */
import { describe, expect, it } from 'vitest';
import { jobStatusOf, paceOf, type JobStatusFacts } from '../../../src/renderer/jobs/job-status.ts';
import type { JobProgress } from '../../../src/shared/jobs.ts';
import type { WatchedFolderStatus } from '../../../src/shared/watch.ts';

const jobs: JobProgress = {
  runner: { state: 'working', reason: null },
  counts: { waiting: 75, running: 1, scored: 120, known: 3, skipped: 0, failed: 1, cancelled: 0 },
  songsPerSecond: 9.1 / 60,
  etaSeconds: 480,
  currentPath: '/music/a.wav',
  busyShare: 0.985,
  quietBecause: null,
};
const folder: WatchedFolderStatus = {
  ...{ path: '/music', state: 'watching', reason: null, nextStep: null, files: 200, ignorePatterns: [] },
  skipped: { notAudio: 0, unreadable: 0, unreadableName: 0 },
};
const statusWith = (facts: Partial<JobStatusFacts>) =>
  jobStatusOf({
    ...{
      work: { state: 'working', reason: null },
      jobs,
      spell: { done: 123, total: 200 },
      folders: [folder],
    },
    ...facts,
  });
const diskFull = { code: 'disk-full', message: 'The disk is full.', nextStep: 'Make room.' } as const;

describe('the strip', () => {
  it('counts the song that is being scored, and says pace, time left and failures', () => {
    expect(statusWith({})).toEqual({
      ...{ kind: 'working', title: 'Scoring 124 of 200', detail: '9.1 songs/min · 8 min left' },
      ...{ nextStep: null, share: 123 / 200, failedCount: 1 },
    });
  });

  it.each<[string, Partial<JobStatusFacts>, object]>([
    [
      'a pause',
      { jobs: { ...jobs, runner: { state: 'paused', reason: null } } },
      { kind: 'paused', title: 'Paused at 123 of 200', detail: '' },
    ],
    [
      'what blocks the songs',
      { jobs: { ...jobs, runner: { state: 'blocked', reason: diskFull } } },
      { kind: 'blocked', detail: diskFull.message, nextStep: diskFull.nextStep },
    ],
    [
      'why nothing can be scored, whatever the jobs are',
      { work: { state: 'stopped', reason: diskFull } },
      { kind: 'stopped', detail: diskFull.message, nextStep: diskFull.nextStep, share: null },
    ],
    ['that nothing waits, though a song failed', { spell: null }, { kind: 'idle', title: 'No song waits' }],
    [
      'that all is done',
      { spell: null, jobs: { ...jobs, counts: { ...jobs.counts, failed: 0 } } },
      { kind: 'idle', title: 'All songs are scored' },
    ],
    [
      'that folders are looked through',
      { spell: null, folders: [{ ...folder, state: 'scanning' }] },
      { kind: 'idle', title: 'Looking through folders…' },
    ],
    [
      'which folder is out of reach',
      {
        spell: null,
        folders: [
          folder,
          { ...folder, state: 'unavailable', reason: 'It is gone.', nextStep: 'Plug it in.' },
        ],
      },
      { kind: 'idle', title: 'A folder is out of reach', detail: 'It is gone.', nextStep: 'Plug it in.' },
    ],
    [
      'nothing before the engine has spoken',
      { jobs: null },
      { kind: 'unknown', share: null, failedCount: 0 },
    ],
  ])('tells %s', (_, facts, expected) => {
    expect(statusWith(facts)).toMatchObject(expected);
  });
});

it.each<[number | null, number | null, string]>([
  [null, null, ''],
  [0, null, ''],
  [2, 30, '120 songs/min · 30 s left'],
  [1 / 240, 36_000, '15 songs/h · 10 h left'],
  [1 / 60, null, '1.0 songs/min'],
])('a pace of %s a second with %s s left reads “%s”', (songsPerSecond, etaSeconds, words) => {
  expect(paceOf({ ...jobs, songsPerSecond, etaSeconds })).toBe(words);
});
