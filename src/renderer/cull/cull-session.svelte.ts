/** One go at culling: where one stands, what was decided, and the way back. */
import type { Verdict } from '../../shared/song-query.ts';
import type { HistoryStep } from '../../shared/history.ts';
import type { PlayOrder } from '../player/play-order.ts';
import type { AppState } from '../state/app-state.svelte.ts';
import { CullQueue } from './cull-queue.ts';

export class CullSession {
  /** Null until the verdicts are known; replaced when others are culled. */
  queue = $state.raw<CullQueue | null>(null);
  index = $state(0);
  /** Whether every song has its verdict and the last one was just given. */
  isFinished = $state(false);
  isOnlyUndecided = $state(false);
  /** Grows with every verdict, so that whoever counts looks again. */
  #version = $state(0);
  readonly #app: AppState;
  /** Our changes, so that taking one back leads to its song. */
  readonly #changes: { historyId: number; songId: number }[] = [];
  readonly #playOrder: PlayOrder = {
    neighbour: (songId, step) => {
      const place = this.queue?.indexOf(songId) ?? -1;
      return place < 0 ? undefined : this.queue?.songIds[place + step];
    },
    move: (step) => this.move(step),
    goesOn: false,
  };

  constructor(app: AppState) {
    this.#app = app;
  }

  /** The song in hand, null while nothing is known or there is none. */
  get songId(): number | null {
    return this.queue?.songIds[this.index] ?? null;
  }

  get counts() {
    void this.#version;
    const { queue } = this;
    return {
      total: queue?.length ?? 0,
      kept: queue?.keptCount ?? 0,
      rejected: queue?.rejectedCount ?? 0,
      undecided: queue?.undecidedCount ?? 0,
    };
  }

  get verdict(): Verdict {
    void this.#version;
    return this.songId === null ? 'undecided' : (this.queue?.verdictOf(this.songId) ?? 'undecided');
  }

  /** Begins at the cursor, else at the first song without a verdict. */
  async begin(): Promise<void> {
    const { list, selection, player } = this.#app;
    try {
      await this.#fill([...list.order.songIds], selection.cursorId);
      player.useOrder(this.#playOrder);
      this.#play();
    } catch (thrown) {
      this.#app.notices.showError(thrown);
      this.leave();
    }
  }

  /** Leaves the decided songs out, or takes them in again; stays at the song in hand where it can. */
  async setOnlyUndecided(isOnlyUndecided: boolean): Promise<void> {
    this.isOnlyUndecided = isOnlyUndecided;
    const before = this.songId;
    try {
      await this.#fill([...this.#app.list.order.songIds], before);
      this.isFinished = this.queue?.length === 0;
      if (this.songId !== before) this.#play();
    } catch (thrown) {
      this.#app.notices.showError(thrown);
    }
  }

  /** Goes on or back, decided songs included; stays at the ends. */
  move(step: 1 | -1): void {
    if (this.isFinished && step === -1) {
      this.isFinished = false;
      return;
    }
    this.goTo(this.index + step);
  }

  goTo(index: number): void {
    const { queue } = this;
    if (queue === null || index < 0 || index >= queue.length) return;
    this.isFinished = false;
    if (index === this.index) return;
    this.index = index;
    this.#play();
  }

  /** Gives the song in hand a verdict, and goes on to the next one without. */
  async decide(verdict: Verdict): Promise<void> {
    const { queue, songId } = this;
    if (queue === null || songId === null || this.isFinished) return;
    queue.set(songId, verdict);
    this.#version += 1;
    const judged = this.#judge(songId, { verdict });
    if (verdict !== 'undecided' && this.#app.settings.current.advancesAfterVerdict) this.#goOn(queue);
    await judged;
  }

  async giveStars(stars: number): Promise<void> {
    if (this.songId !== null && !this.isFinished) await this.#judge(this.songId, { stars });
  }

  async undo(): Promise<void> {
    await this.#showStep(await this.#app.judging.undo());
  }

  async redo(): Promise<void> {
    await this.#showStep(await this.#app.judging.redo());
  }

  /** Back to the list, with the cursor on the song in hand. */
  leave(): void {
    const { selection } = this.#app;
    if (this.songId !== null) selection.select(this.songId);
    this.#app.view = 'list';
  }

  /** Gives the player back its own order; what plays goes on. */
  end(): void {
    this.#app.player.useOrder(null);
  }

  #goOn(queue: CullQueue): void {
    const next = queue.nextUndecided(this.index);
    if (next >= 0) {
      this.goTo(next);
      return;
    }
    this.isFinished = true;
    this.#app.player.pause();
  }

  async #judge(songId: number, change: { verdict?: Verdict; stars?: number }): Promise<void> {
    const outcome = await this.#app.judging.judge([songId], change);
    if (outcome !== null) {
      if (outcome.historyId !== null) this.#changes.push({ historyId: outcome.historyId, songId });
      return;
    }
    // It was not kept after all; what is said why is said already.
    await this.#readVerdicts();
  }

  async #showStep(step: HistoryStep | null): Promise<void> {
    if (step === null) return;
    await this.#readVerdicts();
    const change = this.#changes.find(({ historyId }) => historyId === step.item.id);
    const index = change === undefined ? -1 : (this.queue?.indexOf(change.songId) ?? -1);
    if (index >= 0) this.goTo(index);
  }

  async #fill(songIds: number[], startId: number | null): Promise<void> {
    const [kept, rejected] = await this.#askVerdicts();
    const all = new CullQueue(songIds, kept, rejected);
    this.queue = this.isOnlyUndecided ? new CullQueue(all.songsWith('undecided'), [], []) : all;
    const start = startId === null ? -1 : this.queue.indexOf(startId);
    this.index = Math.max(0, start >= 0 ? start : this.queue.nextUndecided(-1));
    this.#version += 1;
  }

  async #readVerdicts(): Promise<void> {
    try {
      this.queue?.setAll(...(await this.#askVerdicts()));
      this.#version += 1;
    } catch (thrown) {
      this.#app.notices.showError(thrown);
    }
  }

  async #askVerdicts(): Promise<[Int32Array, Int32Array]> {
    const { client, list } = this.#app;
    const ask = async (verdict: Verdict) => {
      const { songIds } = await client.call('list-song-ids', {
        filter: { ...list.filter, missing: 'shown', verdicts: [verdict] },
        ...(list.rankingKey !== undefined && { ranking: list.rankingKey }),
      });
      return songIds;
    };
    return Promise.all([ask('keep'), ask('reject')]);
  }

  /** What plays already goes on from where it is. */
  #play(): void {
    const { player } = this.#app;
    const { songId } = this;
    if (songId === null || (player.songId === songId && player.isPlaying)) return;
    void player.play(songId);
  }
}
