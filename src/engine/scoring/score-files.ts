/** Scores a list of files as one pipeline: the next songs are decoded while the model works on the current one. */
import type { ScoringProgress } from '../../shared/song-result.ts';
import { BusyMeter } from './busy-meter.ts';
import type { PreparedSong, ScoredSong, SongScorer } from './song-scorer.ts';

export interface ScoreFilesOptions {
  /** Songs that are decoded or wait, decoded, for the model; bounds the memory, about 3 MB each. */
  aheadCount: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ScoringProgress) => void) | undefined;
}

/**
 * Yields each file's outcome as soon as it is known, in the order given.
 *
 * Ending the iteration early, by `return` or by the signal, cancels what is being decoded and waits for it.
 *
 * @throws BangerError what would meet every song alike, `cancelled` among it; what was yielded before stays kept
 */
export async function* scoreFiles(
  scorer: SongScorer,
  paths: readonly string[],
  { aheadCount, signal, onProgress }: ScoreFilesOptions,
): AsyncGenerator<ScoredSong, void, undefined> {
  const ended = new AbortController();
  const songSignal = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const meter = new ProgressMeter(paths.length);
  const ahead: Promise<PreparedSong>[] = [];
  let next = 0;
  const fill = () => {
    while (ahead.length < aheadCount && next < paths.length) {
      const preparing = scorer.prepare(paths[next++] ?? '', songSignal);
      // The failure is met when its turn comes; until then it must not count as unhandled.
      preparing.catch(() => undefined);
      ahead.push(preparing);
    }
  };

  try {
    fill();
    for (let current = ahead.shift(); current !== undefined; current = ahead.shift()) {
      const prepared = await current;
      fill();
      const scored = await scorer.finish(prepared, songSignal);
      onProgress?.(meter.count(scored));
      yield scored;
      fill();
    }
  } finally {
    ended.abort();
    await Promise.allSettled(ahead);
  }
}

/** Counts outcomes and the pace of those that were real work. */
class ProgressMeter {
  readonly #total: number;
  readonly #startedAtMs = performance.now();
  readonly #busy = new BusyMeter();
  #done = 0;
  #failed = 0;
  #cached = 0;

  constructor(total: number) {
    this.#total = total;
  }

  count({ result, encodeSeconds }: ScoredSong): ScoringProgress {
    this.#done += 1;
    if (encodeSeconds !== null) this.#busy.count(encodeSeconds);
    if (result.error !== null) this.#failed += 1;
    else if (result.cached) this.#cached += 1;
    const worked = this.#done - this.#cached;
    const seconds = (performance.now() - this.#startedAtMs) / 1000;
    const songsPerSecond = worked > 0 ? worked / seconds : null;
    return {
      done: this.#done,
      total: this.#total,
      failed: this.#failed,
      cached: this.#cached,
      songsPerSecond,
      etaSeconds: songsPerSecond && (this.#total - this.#done) / songsPerSecond,
      secondsTaken: seconds,
      busyShare: this.#busy.share(),
      path: result.path,
    };
  }
}
