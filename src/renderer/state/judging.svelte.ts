/** Verdicts, stars and notes: shown at once, kept by the engine, taken back by undo. */
import type { AppClient } from '../client/app-client.svelte.ts';
import type { HistoryItem, HistoryStep } from '../../shared/history.ts';
import type { JudgementChange } from '../../shared/judgement.ts';
import type { SongRow } from '../../shared/song-query.ts';
import { BangerError } from '../../shared/errors.ts';
import { strings } from '../strings/en.ts';
import type { Notices } from './notices.svelte.ts';
import type { SongList } from './song-list.svelte.ts';

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

  /** Judges songs as one step of the history. */
  async judge(songIds: readonly number[], change: JudgementChange): Promise<void> {
    if (songIds.length === 0) return;
    const { note, ...shown } = change;
    const patch: Partial<SongRow> = {
      ...(shown as Partial<SongRow>),
      ...(note !== undefined && { hasNote: note !== '' }),
    };
    this.#list.rows.patch(songIds, patch);
    await this.#inTurn(async () => {
      await this.#client.call('judge-songs', { songIds: [...songIds], change });
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
