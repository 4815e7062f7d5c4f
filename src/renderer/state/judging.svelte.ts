/** Verdicts, stars and notes: shown at once, kept by the engine, taken back by undo. */
import type { AppClient } from '../client/app-client.svelte.ts';
import type { HistoryItem, HistoryStep } from '../../shared/history.ts';
import type { JudgementChange } from '../../shared/judgement.ts';
import type { SongRow } from '../../shared/song-query.ts';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import { strings } from '../strings/en.ts';
import type { Notices } from './notices.svelte.ts';
import type { SongList } from './song-list.svelte.ts';

/** Between the engine's return and what waited for it. */
const retryPauseMs = 200;

/** What became of a judgement. */
export interface JudgedSongs {
  /** The step of the history; null when every song was like this before. */
  historyId: number | null;
  changedCount: number;
}

export class Judging {
  nextToUndo = $state.raw<HistoryItem | null>(null);
  nextToRedo = $state.raw<HistoryItem | null>(null);
  readonly #client: AppClient;
  readonly #list: SongList;
  readonly #notices: Notices;
  /** Changes go one after the other, so that undo takes back what was done last. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(client: AppClient, list: SongList, notices: Notices) {
    this.#client = client;
    this.#list = list;
    this.#notices = notices;
    client.onConnected(() => void this.refresh());
    client.on('library-changed', ({ topics }) => {
      if (topics.includes('verdicts') || topics.includes('songs')) void this.refresh();
    });
  }

  /**
   * Judges songs as one step of the history. While the engine is away the judgement waits for it.
   *
   * @returns null when it could not be kept, of which the person was told
   */
  async judge(songIds: readonly number[], change: JudgementChange): Promise<JudgedSongs | null> {
    if (songIds.length === 0) return { historyId: null, changedCount: 0 };
    const { note, ...shown } = change;
    const patch: Partial<SongRow> = {
      ...(shown as Partial<SongRow>),
      ...(note !== undefined && { hasNote: note !== '' }),
    };
    this.#list.rows.patch(songIds, patch);
    return this.#inTurn(async () => {
      for (;;) {
        try {
          return await this.#client.call('judge-songs', { songIds: [...songIds], change });
        } catch (thrown) {
          // Judging again what was judged already changes nothing, so it can be said twice.
          if (!hasErrorCode(thrown, 'engine-unreachable')) throw thrown;
          await this.#untilConnected();
        }
      }
    });
  }

  async undo(): Promise<HistoryStep | null> {
    return this.#step('undo-change');
  }

  async redo(): Promise<HistoryStep | null> {
    return this.#step('redo-change');
  }

  async refresh(): Promise<void> {
    try {
      const { nextToUndo, nextToRedo } = await this.#client.call('list-history', { limit: 1 });
      this.nextToUndo = nextToUndo;
      this.nextToRedo = nextToRedo;
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }

  async #step(name: 'undo-change' | 'redo-change'): Promise<HistoryStep | null> {
    return this.#inTurn(async () => {
      const step = await this.#client.call(name, {});
      if (step === null)
        this.#notices.show(strings.history[name === 'undo-change' ? 'nothingToUndo' : 'nothingToRedo']);
      else {
        const words = name === 'undo-change' ? strings.history.undone : strings.history.redone;
        this.#notices.show(words(step.item.label));
        for (const { error } of step.files) {
          if (error !== null) this.#notices.showError(BangerError.fromRecord(error));
        }
      }
      this.#list.rows.markStale();
      await this.refresh();
      return step;
    });
  }

  #untilConnected(): Promise<void> {
    return new Promise((resolve) => {
      let isConnected = false;
      let end: (() => void) | null = null;
      end = this.#client.onConnected(() => {
        isConnected = true;
        end?.();
        window.setTimeout(resolve, retryPauseMs);
      });
      if (isConnected) end();
    });
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value | null> {
    const outcome = this.#turn.then(work);
    this.#turn = outcome.catch(() => undefined);
    try {
      return await outcome;
    } catch (thrown) {
      this.#list.rows.markStale();
      this.#notices.showError(thrown);
      return null;
    }
  }
}
