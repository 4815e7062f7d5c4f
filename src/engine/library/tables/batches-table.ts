/** Batches: songs that arrived together, parted by gaps in time; a generator's run may pause longer. */
import type { Batch } from '../../../shared/batches.ts';
import type { Connection } from '../sqlite-connection.ts';

/** Arrivals further apart than this belong to different batches. */
export const defaultBatchGapMs = 3 * 60 * 60 * 1000;

/** Songs of one generator run may be this many times further apart: long songs are slow to make. */
const runGapFactor = 4;

/** A file's own time is taken if it lies after the year 2000, and not after the file was first seen. */
const earliestPlausibleMs = Date.UTC(2000, 0, 1);
const clockSlackMs = 60 * 1000;

interface Arrival {
  songId: number;
  arrivedAtMs: number;
  runKey: string | null;
}

interface Span {
  startedAtMs: number;
  endedAtMs: number;
}

export class BatchesTable {
  readonly #connection: Connection;
  readonly #gapMs: number;
  readonly #statements;

  constructor(connection: Connection, gapMs = defaultBatchGapMs) {
    this.#connection = connection;
    this.#gapMs = gapMs;
    this.#statements = prepareStatements(connection);
  }

  /** All batches that hold songs, the newest first. */
  list(): Batch[] {
    return this.#statements.list.all({});
  }

  /** The batch that began last, null while there are no songs. */
  latestId(): number | null {
    return this.#statements.selectLatest.get({})?.id ?? null;
  }

  /**
   * Puts a song into its batch; to be called when it was recorded and again when its run became known. Batches
   * that it joins become one, so that the result is the same as from `regroup`, in whatever order songs come.
   */
  assign(songId: number): void {
    this.#connection.write(() => {
      const row = this.#statements.selectArrival.get({ songId });
      if (row === undefined) return;
      const arrival = { songId, arrivedAtMs: arrivalTime(row), runKey: row.run_key };
      const isKnown = row.batch_id !== null;
      if (isKnown && row.assigned_run_key === row.run_key) return;
      this.#place(arrival, row.batch_id);
    });
  }

  /** Groups all songs anew, with the times at which they arrived; a batch that stays as it was keeps its id. */
  regroup(): void {
    this.#connection.write(() => {
      const rows = this.#statements.selectArrivals.all({});
      const batchOf = new Map(rows.map((row) => [row.song_id, row.batch_id]));
      const arrivals = rows
        .map((row) => ({ songId: row.song_id, arrivedAtMs: arrivalTime(row), runKey: row.run_key }))
        .sort((a, b) => a.arrivedAtMs - b.arrivedAtMs || a.songId - b.songId);
      const used = new Set<number>();
      for (const group of groupArrivals(arrivals, this.#gapMs)) {
        const span = spanOf(group);
        const known = group.map(({ songId }) => batchOf.get(songId)).find((id) => id && !used.has(id));
        const batchId = known ?? this.#insertBatch(span);
        used.add(batchId);
        this.#statements.updateSpan.run({ ...span, id: batchId });
        for (const arrival of group) this.#statements.upsertSong.run({ ...arrival, batchId });
      }
      this.#statements.deleteEmpty.run({});
    });
  }

  #place(arrival: Arrival, currentBatchId: number | null): void {
    const { arrivedAtMs, runKey } = arrival;
    const runGapMs = this.#gapMs * runGapFactor;
    const near = this.#statements.selectNear.all({
      from: arrivedAtMs - this.#gapMs,
      until: arrivedAtMs + this.#gapMs,
    });
    const sameRun =
      runKey === null
        ? []
        : this.#statements.selectSameRun.all({
            runKey,
            from: arrivedAtMs - runGapMs,
            until: arrivedAtMs + runGapMs,
          });
    const own = currentBatchId === null ? [] : this.#statements.selectById.all({ id: currentBatchId });
    const touched = [...near, ...sameRun, ...own];
    const startedAtMs = Math.min(arrivedAtMs, ...touched.map((batch) => batch.startedAtMs));
    const endedAtMs = Math.max(arrivedAtMs, ...touched.map((batch) => batch.endedAtMs));
    // Those in between are joined too: a batch is a stretch of time.
    const joined = this.#statements.selectNear.all({ from: startedAtMs, until: endedAtMs });
    const [first, ...others] = joined;
    const span = { startedAtMs, endedAtMs };
    if (first === undefined) {
      this.#statements.upsertSong.run({ ...arrival, batchId: this.#insertBatch(span) });
      return;
    }
    this.#statements.updateSpan.run({ ...span, id: first.id });
    for (const other of others) {
      this.#statements.moveSongs.run({ from: other.id, to: first.id });
      this.#statements.delete.run({ id: other.id });
    }
    this.#statements.upsertSong.run({ ...arrival, batchId: first.id });
  }

  #insertBatch(span: Span): number {
    return this.#statements.insert.run(span).lastInsertId;
  }
}

/** Parts arrivals, in order of time, wherever neither the gap nor a run reaches over. */
function groupArrivals(arrivals: readonly Arrival[], gapMs: number): Arrival[][] {
  const nextOfRun = new Map<string, number>();
  const reach = arrivals.map(() => 0);
  for (const [index, { arrivedAtMs, runKey }] of [...arrivals.entries()].reverse()) {
    const next = runKey === null ? undefined : nextOfRun.get(runKey);
    const isReached = next !== undefined && next - arrivedAtMs <= gapMs * runGapFactor;
    reach[index] = Math.max(arrivedAtMs + gapMs, isReached ? next : 0);
    if (runKey !== null) nextOfRun.set(runKey, arrivedAtMs);
  }
  const groups: Arrival[][] = [];
  let reached = -Infinity;
  for (const [index, arrival] of arrivals.entries()) {
    if (arrival.arrivedAtMs <= reached) groups.at(-1)?.push(arrival);
    else groups.push([arrival]);
    reached = Math.max(reached, reach[index] ?? 0);
  }
  return groups;
}

function spanOf(group: readonly Arrival[]): Span {
  return { startedAtMs: group[0]?.arrivedAtMs ?? 0, endedAtMs: group.at(-1)?.arrivedAtMs ?? 0 };
}

/** What is known about when a song arrived. */
interface ArrivalRow {
  /** When it was put into a batch first; kept, since a file's own time changes with its tags. */
  assigned_at_ms: number | null;
  assigned_run_key: string | null;
  batch_id: number | null;
  run_key: string | null;
  added_at_ms: number;
  /** Earliest time of its files. */
  file_time_ms: number | null;
  first_seen_at_ms: number | null;
}

function arrivalTime(row: ArrivalRow): number {
  if (row.assigned_at_ms !== null) return row.assigned_at_ms;
  const firstSeenAtMs = row.first_seen_at_ms ?? row.added_at_ms;
  const fileTimeMs = row.file_time_ms ?? firstSeenAtMs;
  const isPlausible = fileTimeMs >= earliestPlausibleMs && fileTimeMs <= firstSeenAtMs + clockSlackMs;
  return isPlausible ? fileTimeMs : firstSeenAtMs;
}

function prepareStatements(connection: Connection) {
  interface Range {
    from: number;
    until: number;
  }
  type StoredSpan = Span & { id: number };
  const span = 'batches.id, started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs';
  const arrival = `
    songs.id AS song_id, arrived_at_ms AS assigned_at_ms, batch_songs.run_key AS assigned_run_key, batch_id,
    generations.run_key, added_at_ms,
    (SELECT min(mtime_ns) / 1000000 FROM files WHERE song_id = songs.id) AS file_time_ms,
    (SELECT min(first_seen_at_ms) FROM files WHERE song_id = songs.id) AS first_seen_at_ms
    FROM songs
      LEFT JOIN batch_songs ON batch_songs.song_id = songs.id
      LEFT JOIN generations ON generations.song_id = songs.id`;
  return {
    list: connection.statement<object, Batch>(
      `SELECT batches.id, started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs,
         (SELECT count(*) FROM batch_songs WHERE batch_id = batches.id) AS songCount
       FROM batches ORDER BY started_at_ms DESC, id DESC`,
    ),
    selectLatest: connection.statement<object, { id: number }>(
      `SELECT id FROM batches ORDER BY started_at_ms DESC, id DESC LIMIT 1`,
    ),
    selectById: connection.statement<{ id: number }, StoredSpan>(
      `SELECT ${span} FROM batches WHERE id = @id`,
    ),
    selectNear: connection.statement<Range, StoredSpan>(
      `SELECT ${span} FROM batches WHERE started_at_ms <= @until AND ended_at_ms >= @from
       ORDER BY started_at_ms, id`,
    ),
    selectSameRun: connection.statement<Range & { runKey: string }, StoredSpan>(
      `SELECT DISTINCT ${span} FROM batch_songs JOIN batches ON batches.id = batch_id
       WHERE run_key = @runKey AND arrived_at_ms BETWEEN @from AND @until`,
    ),
    selectArrival: connection.statement<{ songId: number }, ArrivalRow>(
      `SELECT ${arrival} WHERE songs.id = @songId`,
    ),
    selectArrivals: connection.statement<object, ArrivalRow & { song_id: number }>(`SELECT ${arrival}`),
    insert: connection.statement<Span>(
      `INSERT INTO batches (started_at_ms, ended_at_ms) VALUES (@startedAtMs, @endedAtMs)`,
    ),
    updateSpan: connection.statement<StoredSpan>(
      `UPDATE batches SET started_at_ms = @startedAtMs, ended_at_ms = @endedAtMs WHERE id = @id`,
    ),
    upsertSong: connection.statement<Arrival & { batchId: number }>(
      `INSERT INTO batch_songs (song_id, batch_id, arrived_at_ms, run_key)
       VALUES (@songId, @batchId, @arrivedAtMs, @runKey)
       ON CONFLICT (song_id) DO UPDATE SET batch_id = excluded.batch_id, run_key = excluded.run_key
       WHERE batch_id <> excluded.batch_id OR run_key IS NOT excluded.run_key`,
    ),
    moveSongs: connection.statement<{ from: number; to: number }>(
      `UPDATE batch_songs SET batch_id = @to WHERE batch_id = @from`,
    ),
    delete: connection.statement<{ id: number }>(`DELETE FROM batches WHERE id = @id`),
    deleteEmpty: connection.statement<object>(
      `DELETE FROM batches WHERE NOT EXISTS (SELECT 1 FROM batch_songs WHERE batch_id = batches.id)`,
    ),
  };
}
