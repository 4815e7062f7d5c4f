/** One comparison: which song is on which side, what may be seen, and what was found. */
import type { Comparison } from '../../shared/comparison.ts';
import { startSecondsOf } from '../player/start-position.ts';
import type { AppState } from '../state/app-state.svelte.ts';
import { shuffleSides } from './shuffle-sides.ts';
import { TwoDecks, type Side } from './two-decks.svelte.ts';

export class CompareSession {
  readonly decks: TwoDecks;
  /** Songs of A and B. */
  songIds = $state.raw<readonly [number, number]>([0, 0]);
  isBlind = $state(false);
  /** What was recorded; null while the person still listens. */
  recorded = $state.raw<Comparison | null>(null);
  #isRecording = false;
  readonly #app: AppState;

  constructor(app: AppState, songIds: readonly [number, number]) {
    this.#app = app;
    this.songIds = songIds;
    this.decks = new TwoDecks(app.client, app.player.output);
  }

  /** Whether titles, scores and waveforms are kept back. */
  get isHidden(): boolean {
    return this.isBlind && this.recorded === null;
  }

  get audibleSongId(): number {
    return this.songIds[this.decks.audible];
  }

  async begin(): Promise<void> {
    const { player, settings, notices } = this.#app;
    const { decks } = this;
    player.lendOutput({
      get positionSeconds() {
        return decks.positionSeconds;
      },
      resume: () => void this.resume(),
      pause: () => decks.pause(),
      seek: (seconds) => decks.seek(seconds),
    });
    // The volume and the output of the player hold here too.
    player.applySettings();
    const { targetLufs, startPosition } = settings.current;
    try {
      await decks.load(this.songIds, targetLufs, (song) => startSecondsOf(song, startPosition));
    } catch (thrown) {
      notices.showError(thrown);
    }
  }

  listenTo(side: Side): void {
    this.decks.switchTo(side);
    if (!this.decks.isPlaying && this.recorded === null) void this.resume();
  }

  switchSides(): void {
    this.listenTo(this.decks.audible === 0 ? 1 : 0);
  }

  async resume(): Promise<void> {
    try {
      await this.decks.resume();
    } catch (thrown) {
      this.#app.notices.showError(thrown);
    }
  }

  toggle(): void {
    if (this.decks.isPlaying) this.decks.pause();
    else void this.resume();
  }

  /** Hides which song is which and puts them on sides that nobody knows, or shows them. */
  setBlind(isBlind: boolean): void {
    this.isBlind = isBlind;
    if (isBlind && this.recorded === null) this.#shuffle();
  }

  /** Keeps what the person found; sides mean what they mean on screen. */
  async record(outcome: Comparison['outcome']): Promise<void> {
    if (this.recorded !== null || this.#isRecording) return;
    this.#isRecording = true;
    const [songA, songB] = this.songIds;
    try {
      this.recorded = await this.#app.client.call('record-comparison', {
        songA,
        songB,
        outcome,
        isBlind: this.isBlind,
      });
      this.decks.pause();
    } catch (thrown) {
      this.#app.notices.showError(thrown);
    } finally {
      this.#isRecording = false;
    }
  }

  /** Another round with the same songs. */
  again(): void {
    this.recorded = null;
    if (this.isBlind) this.#shuffle();
    this.decks.seek(0);
    void this.resume();
  }

  leave(): void {
    this.#app.view = 'list';
  }

  end(): void {
    this.decks.close();
    this.#app.player.lendOutput(null);
  }

  #shuffle(): void {
    const sides = shuffleSides(this.songIds);
    if (sides[0] !== this.songIds[0]) {
      this.songIds = sides;
      this.decks.swapSides();
    }
    // Which one is heard says nothing about where it was before.
    this.decks.switchTo(0);
  }
}
