/**
 * The list of songs as the person sees it: filter, order and a frozen sequence of ids. Songs that arrive are counted
 * and held back while the person is at work in the list, so that no row moves under the pointer.
 */
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Ranking, RankingKey, SongFilter, SongRow, SongSort } from '../../shared/song-query.ts';
import { defaultSongSort } from '../../shared/song-query.ts';
import { asBangerError, hasErrorCode, type BangerError } from '../../shared/errors.ts';
import { LibraryCounts } from './library-counts.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import { RowCache } from './row-cache.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import { SongOrder } from './song-order.ts';

/** Rows that come along with a new order: a screen and a bit. */
const FIRST_ROWS = 60;
/** Pause between two looks for arrivals; a look costs about 50 ms with 100,000 songs. */
const ARRIVALS_PAUSE_MS = 1000;

export type ListGrouping = 'folder' | 'prompt';

interface LoadedList {
  order: SongOrder;
  rows: SongRow[];
  scoredTotal: number;
  ranking: Ranking | null;
  reference: string | null;
}

export class SongList {
  filter = $state.raw<SongFilter>({});
  sort = $state.raw<SongSort>(defaultSongSort);
  groupBy = $state<ListGrouping | null>(null);

  /** What is shown; replaced as a whole. */
  order = $state.raw(new SongOrder(new Int32Array(0)));
  scoredTotal = $state(0);
  /** Whose scores are shown, null while there are none. */
  ranking = $state.raw<Ranking | null>(null);
  reference = $state<string | null>(null);
  /** False until the first answer. */
  isLoaded = $state(false);
  isLoading = $state(false);
  /** Why the list that was asked for last is not shown, null while it is. */
  problem = $state.raw<BangerError | null>(null);
  /** Songs that are held back, and songs whose score came since. */
  arrivals = $state(0);
  /** Grows when the sequence was replaced because the person asked for another one: the view starts at its top. */
  restarts = $state(0);
  /** All rankings that hold scores, the one used last first. */
  rankings = $state.raw<readonly Ranking[]>([]);
  defaultRanking = $state.raw<Ranking | null>(null);

  readonly rows: RowCache;
  readonly counts: LibraryCounts;
  /** Says whether the person is at work in the list, so that nothing may move; set by whoever knows. */
  isHeld: () => boolean = () => false;

  readonly #client: AppClient;
  readonly #notices: Notices;
  readonly #settings: Settings;
  readonly #shownListeners = new Set<() => void>();
  #held: LoadedList | null = null;
  #loading: AbortController | null = null;
  /** Grows with every list that is asked for to be shown, so that a look for arrivals knows that it is late. */
  #loads = 0;
  #arrivalsTimer: number | undefined;
  #isLookingForArrivals = false;
  #looksAgain = false;
  /** While the person switches rankings, nothing is pinned for them. */
  #isSwitching = false;

  constructor(client: AppClient, notices: Notices, settings: Settings) {
    this.#client = client;
    this.#notices = notices;
    this.#settings = settings;
    this.rows = new RowCache(client, notices);
    this.counts = new LibraryCounts(client, notices, () => this.rankingKey);
    client.onConnected(() => void this.#connect());
    client.on('library-changed', ({ topics }) => {
      if (topics.includes('songs') || topics.includes('verdicts')) this.rows.markStale();
      if (topics.includes('songs')) this.#lookForArrivalsSoon();
    });
  }

  get total(): number {
    return this.order.length;
  }

  /** The ranking that lists ask for: the one that the person pinned, as long as it holds scores. */
  get rankingKey(): RankingKey | undefined {
    const pinned = this.#settings.current.pinnedRanking;
    if (pinned === null) return undefined;
    return this.rankings.some((ranking) => isSameRanking(ranking, pinned)) ? pinned : undefined;
  }

  /** The ranking that would be shown if none were pinned, where that is another one than the draft on screen. */
  get betterRanking(): Ranking | null {
    const usual = this.defaultRanking;
    if (usual === null || usual.isDraft || this.ranking?.isDraft !== true) return null;
    return usual;
  }

  /** Runs whenever another order is shown, before anybody draws it. @returns ends it */
  onShown(listener: () => void): () => void {
    this.#shownListeners.add(listener);
    return () => {
      this.#shownListeners.delete(listener);
    };
  }

  /** Shows what a filter lets through, from the top. */
  async setFilter(filter: SongFilter): Promise<void> {
    this.filter = filter;
    await this.#load(true);
  }

  /** Changes parts of the filter; undefined takes a part out. */
  async changeFilter(change: { [Name in keyof SongFilter]?: SongFilter[Name] | undefined }): Promise<void> {
    const entries = Object.entries({ ...this.filter, ...change });
    await this.setFilter(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
  }

  async setSort(sort: SongSort): Promise<void> {
    this.sort = sort;
    await Promise.all([this.#settings.change({ sort }), this.#load(true)]);
  }

  async setGrouping(groupBy: ListGrouping | null): Promise<void> {
    this.groupBy = groupBy;
    await Promise.all([this.#settings.change({ groupBy }), this.#load(true)]);
  }

  /** Stays on a ranking until told otherwise; null follows the engine's choice. */
  async pinRanking(key: RankingKey | null): Promise<void> {
    this.#isSwitching = true;
    try {
      await this.#settings.change({ pinnedRanking: key });
      await this.#load(true);
    } finally {
      this.#isSwitching = false;
    }
  }

  /** Brings in what was held back, or whatever is new. The view stays where it is. */
  async bringIn(): Promise<void> {
    const held = this.#held;
    if (held !== null) this.#show(held);
    else await this.#load(false);
  }

  /** Reads the list again as it is now, without moving the view. */
  async reload(): Promise<void> {
    await this.#load(false);
  }

  async #connect(): Promise<void> {
    // Which ranking is pinned decides what is asked for first.
    await this.#settings.firstLoad;
    if (this.isLoaded && this.problem === null) {
      // A list that was shown before the connection was lost stays as calm as ever.
      this.rows.markStale();
      await this.#lookForArrivals();
      return;
    }
    const { sort, groupBy } = this.#settings.current;
    this.sort = sort;
    this.groupBy = groupBy;
    await this.#readRankings();
    await this.#load(false);
  }

  /** Shows the list as it is asked for now, unless another one is asked for meanwhile. */
  async #load(isRestart: boolean): Promise<void> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#loads += 1;
    this.isLoading = true;
    try {
      const list = await this.#ask(loading.signal);
      if (loading.signal.aborted) return;
      this.#show(list);
      if (isRestart) this.restarts += 1;
    } catch (thrown) {
      if (loading.signal.aborted || hasErrorCode(thrown, 'cancelled')) return;
      this.problem = asBangerError(thrown);
    } finally {
      if (this.#loading === loading) {
        this.#loading = null;
        this.isLoading = false;
      }
    }
  }

  async #ask(signal?: AbortSignal): Promise<LoadedList> {
    const { songIds, groups, ...rest } = await this.#client.call(
      'list-song-ids',
      {
        filter: this.filter,
        sort: this.sort,
        rowCount: FIRST_ROWS,
        ...(this.groupBy !== null && { groupBy: this.groupBy }),
        ...(this.rankingKey !== undefined && { ranking: this.rankingKey }),
      },
      { signal },
    );
    return { order: new SongOrder(songIds, groups), ...rest };
  }

  #show({ order, rows, scoredTotal, ranking, reference }: LoadedList): void {
    this.#held = null;
    this.problem = null;
    this.arrivals = 0;
    this.order = order;
    this.scoredTotal = scoredTotal;
    this.ranking = ranking;
    this.reference = reference;
    this.rows.reset({ filter: this.filter, ranking: ranking ? keyOf(ranking) : undefined }, rows);
    this.isLoaded = true;
    for (const listener of this.#shownListeners) listener();
  }

  #lookForArrivalsSoon(): void {
    if (this.#isLookingForArrivals) {
      // What came while the engine was answering may be missing from its answer.
      this.#looksAgain = true;
      return;
    }
    if (this.#arrivalsTimer !== undefined) return;
    this.#arrivalsTimer = window.setTimeout(() => {
      this.#arrivalsTimer = undefined;
      void this.#lookForArrivals();
    }, ARRIVALS_PAUSE_MS);
  }

  async #lookForArrivals(): Promise<void> {
    if (this.#isLookingForArrivals) return;
    this.#isLookingForArrivals = true;
    try {
      await this.#readRankings();
      const loads = this.#loads;
      const list = await this.#ask();
      if (loads !== this.#loads) this.#looksAgain = true;
      else if (this.order.length > 0 && this.isHeld()) this.#hold(list);
      else this.#show(list);
    } catch (thrown) {
      this.#notices.showError(thrown);
    } finally {
      this.#isLookingForArrivals = false;
      if (this.#looksAgain) {
        this.#looksAgain = false;
        this.#lookForArrivalsSoon();
      }
    }
  }

  /** Keeps the new order aside, and says how much in it is new. */
  #hold(list: LoadedList): void {
    const isOtherRanking = !isSameRanking(list.ranking, this.ranking);
    const newSongs = list.order.countMissingFrom(this.order);
    const newScores = isOtherRanking ? 0 : list.scoredTotal - this.scoredTotal;
    this.arrivals = Math.max(newSongs, newScores, 0);
    // Its rows would be old by the time that it is shown.
    this.#held = this.arrivals > 0 || isOtherRanking ? { ...list, rows: [] } : null;
  }

  /**
   * Reads which rankings there are. When a model's first scores appear beside the draft's that are on screen, the
   * draft is pinned: a list changes its order on the person's word alone.
   */
  async #readRankings(): Promise<void> {
    try {
      const { rankings, default: usual } = await this.#client.call('list-rankings', {});
      this.rankings = rankings;
      this.defaultRanking = usual;
      const shown = this.ranking;
      const isOvertaken = shown?.isDraft === true && usual?.isDraft === false;
      if (isOvertaken && this.rankingKey === undefined && !this.#isSwitching) {
        await this.#settings.change({ pinnedRanking: keyOf(shown) });
      }
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }
}

function keyOf({ spaceId, headId }: RankingKey): RankingKey {
  return { spaceId, headId };
}

function isSameRanking(a: RankingKey | null, b: RankingKey | null): boolean {
  return a?.spaceId === b?.spaceId && a?.headId === b?.headId;
}
