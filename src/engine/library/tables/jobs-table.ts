/** Jobs: which files are to be scored, who works on each, and how each ended. */
import { errorCodes } from '../../../shared/errors.ts';
import type { Job, JobCounts, JobOutcome, JobReason, JobState } from '../../../shared/jobs.ts';
import { jobOutcomes } from '../../../shared/jobs.ts';
import type { FileStamp } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';
import { pathRangeBelow } from './path-range.ts';

/** A file to be scored by a pair of models. */
export interface JobToQueue {
  stamp: FileStamp;
  encoderName: string;
  headName: string;
  priority: number;
}

/** Who asks for a job, and for which models. */
export interface JobClaim {
  /** Names the process that will work on it. */
  owner: string;
  /** How long the claim holds without being renewed. */
  leaseMs: number;
  encoderName: string;
  headName: string;
}

/** A job that this process has the lease of. */
export interface ClaimedJob extends Job {
  /** The version of the file that was queued. */
  stamp: FileStamp;
}

export interface JobFilter {
  states?: readonly JobState[] | undefined;
  outcomes?: readonly JobOutcome[] | undefined;
}

export interface JobResult {
  outcome: JobOutcome;
  reason: JobReason | null;
  songId: number | null;
}

interface JobRow {
  id: number;
  path: string;
  encoder_name: string;
  head_name: string;
  size_bytes: number;
  /** As text, since nanoseconds pass what a number holds. */
  mtime_ns: string;
  priority: number;
  queued_at_ms: number;
  state: JobState;
  attempts: number;
  crashes: number;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  outcome: JobOutcome | null;
  reason_code: string | null;
  reason: string | null;
  next_step: string | null;
  song_id: number | null;
}

const columns = `id, path, encoder_name, head_name, size_bytes, CAST(mtime_ns AS TEXT) AS mtime_ns, priority,
  queued_at_ms, state, attempts, crashes, started_at_ms, finished_at_ms, outcome, reason_code, reason, next_step,
  song_id`;

export class JobsTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /**
   * Queues files. A file that waits already keeps its place with the higher of both priorities; one that is being
   * worked on in an older version is queued again when that ends; one that was finished begins anew.
   */
  queue(jobs: Iterable<JobToQueue>): void {
    this.#connection.write(() => {
      for (const { stamp, ...job } of jobs) {
        this.#statements.queue.run({ ...job, ...stamp, now: this.#now() });
      }
    });
  }

  /**
   * Takes the next job, in one statement, so that two processes never take the same: what waits, by priority and then
   * the newest file first, or what somebody's lease has lapsed on.
   *
   * A lease that would end later than anybody can have asked for is taken for lapsed: the clock was set back.
   */
  claim({ owner, leaseMs, ...models }: JobClaim): ClaimedJob | null {
    const now = this.#now();
    const row = this.#connection.write(() =>
      this.#statements.claim.get({
        owner,
        ...models,
        now,
        until: now + leaseMs,
        latestUntil: now + 2 * leaseMs,
      }),
    );
    return row === undefined ? null : { ...jobFromRow(row), stamp: stampFromRow(row) };
  }

  /** Renews the leases of a process that is alive. @returns how many it still has */
  renewLeases(owner: string, leaseMs: number): number {
    return this.#statements.renew.run({ owner, until: this.#now() + leaseMs }).changes;
  }

  /**
   * Ends a job. When the file was queued in a newer version meanwhile, it waits again instead.
   *
   * @returns false when the lease was lost, so that somebody else ends it
   */
  finish(job: ClaimedJob, owner: string, { outcome, reason, songId }: JobResult): boolean {
    const parameters = {
      id: job.id,
      owner,
      sizeBytes: job.stamp.sizeBytes,
      mtimeNs: job.stamp.mtimeNs,
      outcome,
      reasonCode: reason?.code ?? null,
      reason: reason?.message ?? null,
      nextStep: reason?.nextStep ?? null,
      songId,
      now: this.#now(),
    };
    return this.#connection.write(
      () =>
        this.#statements.requeueNewer.run(parameters).changes > 0 ||
        this.#statements.finish.run(parameters).changes > 0,
    );
  }

  /** Gives a job back so that it is tried again; `crashed` counts against the song. */
  giveBack(job: Job, owner: string, { crashed }: { crashed: boolean }): void {
    this.#statements.giveBack.run({ id: job.id, owner, crashes: crashed ? 1 : 0, attempts: crashed ? 0 : 1 });
  }

  /** Gives back all that a process had, when it ends or was blocked; attempts do not count. */
  giveBackAll(owner: string): void {
    this.#statements.giveBackAll.run({ owner });
  }

  /** Who has jobs at the moment. */
  owners(): string[] {
    return this.#statements.owners.all({}).map(({ owner }) => owner);
  }

  /** Makes the jobs of a process that died wait again; the attempts that it made count. */
  releaseDead(owner: string): void {
    this.#statements.releaseDead.run({ owner });
  }

  /** Takes back what waits. @returns how many jobs */
  cancelWaiting(): number {
    return this.#statements.cancelWaiting.run({ now: this.#now() }).changes;
  }

  /** Queues what failed once more, with a clean record. @returns how many jobs */
  retryFailed(): number {
    return this.#statements.retryFailed.run({ now: this.#now() }).changes;
  }

  /** Files below a folder that were skipped, in order of path. */
  skippedBelow(folder: string): string[] {
    return this.#statements.skippedBelow.all(pathRangeBelow(folder)).map(({ path }) => path);
  }

  /** Queues files that were skipped once more: they are there again. */
  retrySkipped(paths: Iterable<string>): void {
    this.#connection.write(() => {
      for (const path of paths) this.#statements.retrySkipped.run({ path, now: this.#now() });
    });
  }

  /** Puts files that a person is looking at before others. */
  raisePriority(paths: Iterable<string>, priority: number): void {
    this.#connection.write(() => {
      for (const path of paths) this.#statements.raise.run({ path, priority });
    });
  }

  /** Jobs for a pair of models that wait or are worked on. */
  openCount(encoderName: string, headName: string): number {
    return this.#statements.countOpen.get({ encoderName, headName })?.count ?? 0;
  }

  /** Jobs by state and outcome: those for a pair of models, or all. */
  counts(models: { encoderName: string; headName: string } | null = null): JobCounts {
    const counts: JobCounts = {
      waiting: 0,
      running: 0,
      scored: 0,
      known: 0,
      skipped: 0,
      failed: 0,
      cancelled: 0,
    };
    const rows =
      models === null ? this.#statements.count.all({}) : this.#statements.countForModels.all(models);
    for (const { kind, count } of rows) counts[kind] = count;
    return counts;
  }

  /** A page of jobs: what runs, then what waits in its order, then what ended, the latest first. */
  list(filter: JobFilter, offset: number, limit: number): Job[] {
    return this.#statements.list
      .all({
        states: JSON.stringify(filter.states ?? ['waiting', 'running', 'finished']),
        outcomes: JSON.stringify(filter.outcomes ?? jobOutcomes),
        offset,
        limit,
      })
      .map(jobFromRow);
  }
}

function prepareStatements(connection: Connection) {
  return {
    queue: connection.statement<JobToQueue['stamp'] & Omit<JobToQueue, 'stamp'> & { now: number }>(
      `INSERT INTO jobs (path, encoder_name, head_name, size_bytes, mtime_ns, priority, queued_at_ms, state)
       VALUES (@path, @encoderName, @headName, @sizeBytes, @mtimeNs, @priority, @now, 'waiting')
       ON CONFLICT (path, encoder_name, head_name) DO UPDATE SET
         size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns,
         priority = CASE WHEN state = 'finished' THEN excluded.priority ELSE max(priority, excluded.priority) END,
         queued_at_ms = CASE WHEN state = 'finished' THEN excluded.queued_at_ms ELSE queued_at_ms END,
         attempts = CASE WHEN state = 'finished' THEN 0 ELSE attempts END,
         crashes = CASE WHEN state = 'finished' THEN 0 ELSE crashes END,
         state = CASE WHEN state = 'finished' THEN 'waiting' ELSE state END,
         outcome = NULL, reason_code = NULL, reason = NULL, next_step = NULL`,
    ),
    claim: connection.statement<{ owner: string; now: number; until: number; latestUntil: number }, JobRow>(
      `UPDATE jobs SET state = 'running', lease_owner = @owner, lease_until_ms = @until, started_at_ms = @now,
         attempts = attempts + 1
       WHERE id = coalesce(
         (SELECT id FROM jobs WHERE state = 'running' AND (lease_until_ms < @now OR lease_until_ms > @latestUntil)
            AND encoder_name = @encoderName AND head_name = @headName
          ORDER BY lease_until_ms LIMIT 1),
         (SELECT id FROM jobs WHERE state = 'waiting' AND encoder_name = @encoderName AND head_name = @headName
          ORDER BY priority DESC, mtime_ns DESC, id LIMIT 1))
       RETURNING ${columns}`,
    ),
    renew: connection.statement<{ owner: string; until: number }>(
      `UPDATE jobs SET lease_until_ms = @until WHERE state = 'running' AND lease_owner = @owner`,
    ),
    requeueNewer: connection.statement<{ id: number; owner: string; sizeBytes: number; mtimeNs: bigint }>(
      `UPDATE jobs SET state = 'waiting', lease_owner = NULL, lease_until_ms = NULL, attempts = 0, crashes = 0
       WHERE id = @id AND state = 'running' AND lease_owner = @owner
         AND (size_bytes <> @sizeBytes OR mtime_ns <> @mtimeNs)`,
    ),
    finish: connection.statement<{
      id: number;
      owner: string;
      outcome: JobOutcome;
      reasonCode: string | null;
      reason: string | null;
      nextStep: string | null;
      songId: number | null;
      now: number;
    }>(
      `UPDATE jobs SET state = 'finished', lease_owner = NULL, lease_until_ms = NULL, finished_at_ms = @now,
         outcome = @outcome, reason_code = @reasonCode, reason = @reason, next_step = @nextStep, song_id = @songId
       WHERE id = @id AND state = 'running' AND lease_owner = @owner`,
    ),
    giveBack: connection.statement<{ id: number; owner: string; crashes: number; attempts: number }>(
      `UPDATE jobs SET state = 'waiting', lease_owner = NULL, lease_until_ms = NULL,
         crashes = crashes + @crashes, attempts = attempts - @attempts
       WHERE id = @id AND state = 'running' AND lease_owner = @owner`,
    ),
    giveBackAll: connection.statement<{ owner: string }>(
      `UPDATE jobs SET state = 'waiting', lease_owner = NULL, lease_until_ms = NULL, attempts = attempts - 1
       WHERE state = 'running' AND lease_owner = @owner`,
    ),
    owners: connection.statement<object, { owner: string }>(
      `SELECT DISTINCT lease_owner AS owner FROM jobs WHERE state = 'running'`,
    ),
    releaseDead: connection.statement<{ owner: string }>(
      `UPDATE jobs SET state = 'waiting', lease_owner = NULL, lease_until_ms = NULL
       WHERE state = 'running' AND lease_owner = @owner`,
    ),
    cancelWaiting: connection.statement<{ now: number }>(
      `UPDATE jobs SET state = 'finished', outcome = 'cancelled', finished_at_ms = @now WHERE state = 'waiting'`,
    ),
    retryFailed: connection.statement<{ now: number }>(
      `UPDATE jobs SET state = 'waiting', outcome = NULL, reason_code = NULL, reason = NULL, next_step = NULL,
         attempts = 0, crashes = 0, queued_at_ms = @now
       WHERE state = 'finished' AND outcome = 'failed'`,
    ),
    skippedBelow: connection.statement<{ from: string; to: string }, { path: string }>(
      `SELECT DISTINCT path FROM jobs
       WHERE path >= @from AND path < @to AND state = 'finished' AND outcome = 'skipped' ORDER BY path`,
    ),
    retrySkipped: connection.statement<{ path: string; now: number }>(
      `UPDATE jobs SET state = 'waiting', outcome = NULL, reason_code = NULL, reason = NULL, next_step = NULL,
         attempts = 0, crashes = 0, queued_at_ms = @now
       WHERE path = @path AND state = 'finished' AND outcome = 'skipped'`,
    ),
    raise: connection.statement<{ path: string; priority: number }>(
      `UPDATE jobs SET priority = @priority WHERE path = @path AND state = 'waiting' AND priority < @priority`,
    ),
    count: connection.statement<object, { kind: keyof JobCounts; count: number }>(
      `SELECT coalesce(outcome, state) AS kind, count(*) AS count FROM jobs GROUP BY kind`,
    ),
    countForModels: connection.statement<
      { encoderName: string; headName: string },
      { kind: keyof JobCounts; count: number }
    >(
      `SELECT coalesce(outcome, state) AS kind, count(*) AS count FROM jobs
       WHERE encoder_name = @encoderName AND head_name = @headName GROUP BY kind`,
    ),
    countOpen: connection.statement<{ encoderName: string; headName: string }, { count: number }>(
      `SELECT count(*) AS count FROM jobs
       WHERE encoder_name = @encoderName AND head_name = @headName AND state <> 'finished'`,
    ),
    list: connection.statement<{ states: string; outcomes: string; offset: number; limit: number }, JobRow>(
      `SELECT ${columns} FROM jobs
       WHERE state IN (SELECT value FROM json_each(@states))
         AND (outcome IS NULL OR outcome IN (SELECT value FROM json_each(@outcomes)))
       ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END,
         CASE WHEN state = 'waiting' THEN -priority END, CASE WHEN state = 'waiting' THEN -mtime_ns END,
         finished_at_ms DESC, id
       LIMIT @limit OFFSET @offset`,
    ),
  };
}

function stampFromRow(row: JobRow): FileStamp {
  return { path: row.path, sizeBytes: row.size_bytes, mtimeNs: BigInt(row.mtime_ns) };
}

function jobFromRow(row: JobRow): Job {
  return {
    id: row.id,
    path: row.path,
    encoderName: row.encoder_name,
    headName: row.head_name,
    priority: row.priority,
    queuedAtMs: row.queued_at_ms,
    state: row.state,
    attempts: row.attempts,
    crashes: row.crashes,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    outcome: row.outcome,
    reason: reasonFromRow(row),
    songId: row.song_id,
  };
}

/** A code that only a later version of the product knows reads as `internal`. */
function reasonFromRow(row: JobRow): JobReason | null {
  if (row.reason === null) return null;
  const code = errorCodes.find((known) => known === row.reason_code) ?? 'internal';
  return { code, message: row.reason, nextStep: row.next_step };
}
