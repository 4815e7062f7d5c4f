/** How many songs stand behind each entry of the side bar: counted in the engine, calmly, whenever something changed. */
import type { Batch } from '../../shared/batches.ts';
import type { SavedFilter } from '../../shared/saved-filter.ts';
import type { RankingKey, SongFilter, Verdict } from '../../shared/song-query.ts';
import { verdictNames } from '../../shared/song-query.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** Pause between two counts; one costs some tens of milliseconds an entry with 100,000 songs. */
const PAUSE_MS = 600;
const BATCHES_SHOWN = 3;

export class LibraryCounts {
  /** Songs of the whole library that have a file; null until counted. */
  all = $state<number | null>(null);
  verdicts = $state.raw<Readonly<Record<Verdict, number>> | null>(null);
  /** By the folder's path. */
  folders = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** The newest batches. */
  batches = $state.raw<readonly Batch[]>([]);
  savedFilters = $state.raw<readonly SavedFilter[]>([]);
  readonly #client: AppClient;
  readonly #notices: Notices;
  readonly #rankingKey: () => RankingKey | undefined;
  #paths: readonly string[] = [];
  #timer: number | undefined;
  #isCounting = false;
  #countsAgain = false;

  /** @param rankingKey whose scores saved filters are counted by */
  constructor(client: AppClient, notices: Notices, rankingKey: () => RankingKey | undefined) {
    this.#client = client;
    this.#notices = notices;
    this.#rankingKey = rankingKey;
    client.onConnected(() => void this.refresh());
    client.on('library-changed', () => {
      this.#refreshSoon();
    });
  }

  /** Counts the songs of these folders too from now on. */
  watchFolders(paths: readonly string[]): void {
    const isSame = paths.length === this.#paths.length && paths.every((path, i) => path === this.#paths[i]);
    if (isSame) return;
    this.#paths = [...paths];
    void this.refresh();
  }

  /** Counts now; once more afterwards when asked while counting. */
  async refresh(): Promise<void> {
    if (this.#isCounting) {
      this.#countsAgain = true;
      return;
    }
    this.#isCounting = true;
    try {
      await this.#count();
    } catch (thrown) {
      this.#notices.showError(thrown);
    } finally {
      this.#isCounting = false;
      if (this.#countsAgain) {
        this.#countsAgain = false;
        this.#refreshSoon();
      }
    }
  }

  #refreshSoon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, PAUSE_MS);
  }

  async #count(): Promise<void> {
    const ranking = this.#rankingKey();
    const count = async (filter: SongFilter) => (await this.#client.call('count-songs', { filter })).count;
    const [all, verdicts, folders, batches, savedFilters] = await Promise.all([
      count({}),
      Promise.all(verdictNames.map(async (name) => [name, await count({ verdicts: [name] })] as const)),
      Promise.all(this.#paths.map(async (folder) => [folder, await count({ folder })] as const)),
      this.#client.call('list-batches', {}),
      this.#client.call('list-saved-filters', { ...(ranking !== undefined && { ranking }) }),
    ]);
    this.all = all;
    this.verdicts = Object.fromEntries(verdicts) as Record<Verdict, number>;
    this.folders = new Map(folders);
    this.batches = batches.slice(0, BATCHES_SHOWN);
    this.savedFilters = savedFilters;
  }
}
