/** The runner finishes every job once, whatever happens to the model, the database, the file or the person’s mood. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { appendFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findFfmpeg, type Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { prepareHead } from '../../../src/engine/models/prepared-head.ts';
import { JobRunner, type JobRunnerOptions } from '../../../src/engine/scoring/job-runner.ts';
import { SongScorer } from '../../../src/engine/scoring/song-scorer.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import type { RunnerState } from '../../../src/shared/jobs.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { makeSound } from '../../support/make-audio.ts';
import { waitUntil } from '../../support/processes.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const songAt = useSongFolder();
const inFolder = useFreshFolder();
const songs = Array.from({ length: 6 }, (_, index) => songAt(`song-${index}.wav`));
let ffmpeg: Ffmpeg;
let library: Library;
let inference: InferenceClient;
const runners: JobRunner[] = [];

beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  for (const [index, song] of songs.entries()) await makeSound(song, `sine=f=${200 + 50 * index}:d=1`);
});
beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
  inference = new InferenceClient();
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
  await inference.close();
  library.close();
});

async function makeScorer(of: Library, client: InferenceClient): Promise<SongScorer> {
  const options = { cacheFolder: inFolder('cache') };
  return new SongScorer({
    ffmpeg,
    inference: client,
    encoder: await prepareEncoder({ source: 'built-in', id: 'draft' }, options),
    head: await prepareHead({ source: 'built-in', id: 'draft', encoderId: 'draft' }, options),
    library: of,
    window: referenceWindow,
    precision: 'fp32',
    provider: 'cpu',
    crashRetries: 0,
  });
}

function makeRunner(changes: Partial<JobRunnerOptions> = {}): JobRunner {
  const of = changes.library ?? library;
  const runner = new JobRunner({
    library: of,
    encoderName: 'draft',
    headName: 'draft',
    owner: 'test',
    createScorer: () => makeScorer(of, inference),
    aheadCount: () => 2,
    pollMs: 50,
    ...changes,
  });
  runners.push(runner);
  return runner;
}

function queue(paths: readonly string[]): void {
  library.jobs.queue(
    paths.map((path) => {
      const { size, mtimeNs } = statSync(path, { bigint: true });
      return {
        stamp: { path, sizeBytes: Number(size), mtimeNs },
        encoderName: 'draft',
        headName: 'draft',
        priority: 0,
      };
    }),
  );
}

const finishedCount = () => {
  const { scored, known, skipped, failed } = library.jobs.counts();
  return scored + known + skipped + failed;
};
const allFinished = (count: number) =>
  waitUntil('all jobs are finished', () => finishedCount() === count && library.jobs.counts().running === 0);

describe('jobs', () => {
  test('are scored, and known when they come again', async () => {
    queue(songs);
    makeRunner().start();
    await allFinished(songs.length);
    expect(library.jobs.counts()).toMatchObject({ scored: songs.length, waiting: 0 });
    expect(library.stats()).toMatchObject({ scores: songs.length, embeddings: songs.length });
    queue(songs);
    await waitUntil('all are known', () => library.jobs.counts().known === songs.length);
  });

  test('that are queued while nothing waits are begun at once', async () => {
    const states: RunnerState['state'][] = [];
    const runner = makeRunner({ pollMs: 600_000, onStateChanged: ({ state }) => states.push(state) });
    runner.start();
    await waitUntil('the runner is idle', () => states.includes('idle'));
    queue(songs.slice(0, 1));
    runner.wake();
    await allFinished(1);
  });

  test('are shared by two engines on one library, none scored twice', async () => {
    const other = openLibrary(library.file);
    const otherInference = new InferenceClient();
    const finished: string[] = [];
    const onFinished: JobRunnerOptions['onFinished'] = ({ path }, { outcome }) => {
      finished.push(`${path} ${outcome}`);
    };
    queue(songs);
    makeRunner({ onFinished }).start();
    makeRunner({
      library: other,
      owner: 'other',
      createScorer: () => makeScorer(other, otherInference),
      onFinished,
    }).start();
    await allFinished(songs.length);
    expect(finished.sort()).toEqual(songs.map((path) => `${path} scored`).sort());
    for (const runner of runners.splice(0)) await runner.stop();
    await otherInference.close();
    other.close();
  });

  test('of files that are gone or changed are skipped with the reason', async () => {
    const gone = inFolder('gone.wav');
    const changed = inFolder('changed.wav');
    writeFileSync(gone, 'x');
    await makeSound(changed, 'sine=d=1');
    queue([gone, changed]);
    rmSync(gone);
    appendFileSync(changed, 'more');
    makeRunner().start();
    await allFinished(2);
    const jobs = library.jobs.list({ outcomes: ['skipped'] }, 0, 10);
    expect(Object.fromEntries(jobs.map(({ path, reason }) => [path, reason?.code]))).toEqual({
      [gone]: 'file-missing',
      [changed]: 'file-changed',
    });
  });

  test('of broken files fail with the reason, and the rest go on', async () => {
    const broken = inFolder('broken.wav');
    writeFileSync(broken, 'no audio at all');
    queue([broken, ...songs]);
    makeRunner().start();
    await allFinished(songs.length + 1);
    expect(library.jobs.counts()).toMatchObject({ scored: songs.length, failed: 1 });
    const [failed] = library.jobs.list({ outcomes: ['failed'] }, 0, 10);
    expect(failed).toMatchObject({ path: broken, reason: { code: 'not-audio' } });
    await makeSound(broken, 'sine=d=1');
    queue([broken]);
    await waitUntil('the mended file is scored', () => library.jobs.counts().scored === songs.length + 1);
  });
});

describe('jobs of a process that died', () => {
  const claimAs = (owner: string) =>
    library.jobs.claim({ owner, leaseMs: 15_000, encoderName: 'draft', headName: 'draft' });

  test('are taken over at once where it can be seen to be gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    queue(songs.slice(0, 1));
    claimAs([hostname(), child.pid, 'x'].join('/'));
    makeRunner().start();
    await allFinished(1);
    expect(library.jobs.counts().scored).toBe(1);
  });

  test.each([[hostname(), process.pid, 'other'].join('/'), 'elsewhere/1/x', 'nonsense'])(
    'of %s are left to it',
    async (owner) => {
      queue(songs.slice(0, 1));
      claimAs(owner);
      const states: string[] = [];
      makeRunner({ onStateChanged: ({ state }) => states.push(state) }).start();
      await waitUntil('the runner found nothing to do', () => states.includes('idle'));
      expect(library.jobs.counts()).toMatchObject({ running: 1, scored: 0 });
    },
  );
});

describe('a song that the inference process dies of', () => {
  /** Kills the inference process whenever a certain song is encoded. */
  class MurderousClient extends InferenceClient {
    readonly #deaths: { left: number };
    constructor(deaths: { left: number }) {
      super();
      this.#deaths = deaths;
    }
    override async encode(...args: Parameters<InferenceClient['encode']>) {
      if (this.#deaths.left > 0 && args[1].length === 2 * 24_000) {
        this.#deaths.left -= 1;
        const { processId } = await this.status();
        // Stopped first, so that it cannot finish before it dies.
        process.kill(processId, 'SIGSTOP');
        const encoding = super.encode(...args);
        process.kill(processId, 'SIGKILL');
        return encoding;
      }
      return super.encode(...args);
    }
  }

  test.each([
    { deaths: 1, outcome: 'scored' },
    { deaths: 9, outcome: 'failed' },
  ])('$deaths times is $outcome, and the rest go on', async ({ deaths, outcome }) => {
    const killer = inFolder('killer.wav');
    await makeSound(killer, 'sine=d=2');
    const client = new MurderousClient({ left: deaths });
    queue([killer, ...songs]);
    makeRunner({ createScorer: () => makeScorer(library, client) }).start();
    await allFinished(songs.length + 1);
    const job = library.jobs.list({}, 0, 20).find(({ path }) => path === killer);
    expect(job).toMatchObject({ outcome, crashes: 1 });
    if (outcome === 'failed') expect(job?.reason?.code).toBe('inference-crashed');
    expect(library.jobs.counts().scored).toBe(songs.length + (outcome === 'scored' ? 1 : 0));
    await client.close();
  });
});

describe('a person', () => {
  test('pauses and resumes', async () => {
    queue(songs);
    const runner = makeRunner();
    runner.pause();
    runner.start();
    await waitUntil('it is paused', () => runner.progress().runner.state === 'paused');
    expect(runner.progress().counts).toMatchObject({ waiting: songs.length, running: 0 });
    runner.resume();
    await allFinished(songs.length);
  });

  test('stops in the middle: what was begun waits again, what was done stays', async () => {
    queue(songs);
    let finished = 0;
    const stopped = Promise.withResolvers<undefined>();
    const runner: JobRunner = makeRunner({
      onFinished: () => {
        finished += 1;
        if (finished === 2)
          void runner.stop().then(() => {
            stopped.resolve(undefined);
          });
      },
    });
    runner.start();
    await stopped.promise;
    const counts = library.jobs.counts();
    expect(counts.running).toBe(0);
    expect(counts.waiting + counts.scored).toBe(songs.length);
    expect(runner.progress().runner.state).toBe('stopped');
    runner.start();
    await allFinished(songs.length);
    expect(library.stats().scores).toBe(songs.length);
  });
});

describe('something outside the songs', () => {
  test('blocks the work visibly, and the work goes on by itself once it is gone', async () => {
    queue(songs);
    let isBroken = true;
    const states: RunnerState[] = [];
    makeRunner({
      createScorer: () => {
        if (isBroken)
          throw new BangerError('ffmpeg-missing', 'There is no ffmpeg.', { nextStep: 'Install it.' });
        return makeScorer(library, inference);
      },
      onStateChanged: (state) => states.push(state),
    }).start();
    await waitUntil('it is blocked', () => states.some(({ state }) => state === 'blocked'));
    expect(states.at(-1)?.reason).toMatchObject({ code: 'ffmpeg-missing', nextStep: 'Install it.' });
    isBroken = false;
    await allFinished(songs.length);
    expect(states.at(-1)?.state).not.toBe('blocked');
  });

  test('that holds the database leaves every job to be done', async () => {
    const impatient = openLibrary(library.file, { busyTimeoutMs: 50 });
    const states: RunnerState[] = [];
    queue(songs);
    makeRunner({
      library: impatient,
      createScorer: () => makeScorer(impatient, inference),
      onStateChanged: (state) => states.push(state),
    }).start();
    // A transaction that stays open across the event loop can only be had by hand.
    const { default: Database } = await import('better-sqlite3');
    const holder = new Database(library.file);
    await waitUntil('some song is done', () => library.jobs.counts().scored > 0);
    holder.exec('BEGIN IMMEDIATE');
    await waitUntil('it is blocked', () => states.some(({ state }) => state === 'blocked'));
    expect(states.at(-1)?.reason?.code).toBe('library-busy');
    holder.exec('ROLLBACK');
    holder.close();
    await allFinished(songs.length);
    expect(library.stats().scores).toBe(songs.length);
    for (const runner of runners.splice(0)) await runner.stop();
    impatient.close();
  });
});
