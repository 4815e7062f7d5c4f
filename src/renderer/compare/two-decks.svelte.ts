/** Two songs on one clock: both play, one of them silently, so that switching is a change of gain and nothing else. */
import { asBangerError } from '../../shared/errors.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { AudioOutput } from '../player/audio-output.ts';
import { DeckSlot, type LoadedSong } from '../player/deck-slot.ts';
import { matchedGainsDb } from '../player/loudness-gain.ts';
import { strings } from '../strings/en.ts';
import { correctDrift } from './clock-drift.ts';

/** Sides of the comparison as they are shown: A and B. */
export type Side = 0 | 1;

const driftPauseMs = 200;
/** Before the end of the shorter song, where both begin again. */
const endMarginSeconds = 0.15;

export class TwoDecks {
  songs = $state.raw<readonly [LoadedSong | null, LoadedSong | null]>([null, null]);
  /** Why a side cannot be played. */
  problems = $state.raw<readonly [string | null, string | null]>([null, null]);
  audible = $state<Side>(0);
  isPlaying = $state(false);
  isReady = $state(false);
  positionSeconds = $state(0);
  /** Gains that make both equally loud, and the loudness that is reached; null where it is not known. */
  lufs = $state<number | null>(null);

  readonly #client: AppClient;
  readonly #output: AudioOutput;
  #slots: [DeckSlot, DeckSlot];
  #gainsDb: [number, number] = [0, 0];
  #startSeconds = 0;
  #frame = 0;
  #driftTimer: number | undefined;

  constructor(client: AppClient, output: AudioOutput) {
    this.#client = client;
    this.#output = output;
    this.#slots = [new DeckSlot(output), new DeckSlot(output)];
    for (const slot of this.#slots) this.#listenTo(slot);
  }

  /** Up to where both songs sound: the length of the shorter one. */
  get commonSeconds(): number {
    const lengths = this.songs.map((song) => song?.details.row.durationSeconds ?? 0);
    return Math.min(...lengths);
  }

  /**
   * Loads both songs and plays them as soon as both can.
   *
   * @param startOf where a song would start alone
   */
  async load(
    [songA, songB]: readonly [number, number],
    targetLufs: number,
    startOf: (song: LoadedSong) => number,
  ): Promise<void> {
    this.isReady = false;
    this.problems = [null, null];
    const loaded = await Promise.all(
      [songA, songB].map(async (songId, side) => {
        this.#slots[side as Side].cue(
          songId,
          () => this.#ask(songId),
          () => 0,
          () => -Infinity,
        );
        try {
          return (await this.#slots[side as Side].loading) ?? null;
        } catch (thrown) {
          this.#setProblem(side as Side, thrown);
          return null;
        }
      }),
    );
    this.songs = [loaded[0] ?? null, loaded[1] ?? null];
    const [first, second] = this.songs;
    if (first === null || second === null) return;
    const gains = matchedGainsDb(
      [first, second].map(({ details }) => ({
        loudnessLufs: details.row.loudnessLufs,
        truePeakDbtp: details.truePeakDbtp,
      })),
      targetLufs,
    );
    this.#gainsDb = [gains[0] ?? 0, gains[1] ?? 0];
    const measured = first.details.row.loudnessLufs ?? second.details.row.loudnessLufs;
    this.lufs =
      measured === null ? null : measured + this.#gainsDb[first.details.row.loudnessLufs === null ? 1 : 0];
    const start = startOf(first);
    this.#startSeconds = start < this.commonSeconds - 2 ? start : 0;
    this.#applyGains(true);
    this.seek(this.#startSeconds);
    await this.resume();
  }

  /** Lets the other side be heard, at the same position. */
  switchTo(side: Side): void {
    if (this.audible === side) return;
    // What is heard runs at its own speed.
    for (const { element } of this.#slots) element.playbackRate = 1;
    this.audible = side;
    this.#applyGains(false);
  }

  /** Puts the songs on these sides; what is heard may change with it. */
  swapSides(): void {
    const [first, second] = this.#slots;
    this.#slots = [second, first];
    this.#gainsDb = [this.#gainsDb[1], this.#gainsDb[0]];
    this.songs = [this.songs[1], this.songs[0]];
    this.problems = [this.problems[1], this.problems[0]];
    this.#applyGains(false);
  }

  async resume(): Promise<void> {
    this.isPlaying = true;
    this.#output.start();
    try {
      await Promise.all(this.#slots.map((slot) => canPlay(slot.element)));
      if (!this.isPlaying) return;
      this.isReady = true;
      await Promise.all(this.#slots.map(({ element }) => element.play()));
      this.#follow();
    } catch (thrown) {
      this.pause();
      // Before a person's first action a browser plays nothing; the next press does.
      if (thrown instanceof DOMException) return;
      throw thrown;
    }
  }

  pause(): void {
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
    window.clearInterval(this.#driftTimer);
    for (const { element } of this.#slots) element.pause();
    this.#output.rest();
  }

  /** Goes to a place in both songs. */
  seek(seconds: number): void {
    const end = Math.max(0, this.commonSeconds - endMarginSeconds);
    const target = Math.min(end, Math.max(0, seconds));
    for (const slot of this.#slots) slot.seek(target);
    this.positionSeconds = target;
  }

  close(): void {
    this.pause();
    for (const slot of this.#slots) {
      slot.empty();
      this.#output.releaseDeck(slot.deck);
    }
  }

  async #ask(songId: number): Promise<LoadedSong> {
    const [details, { peaks }] = await Promise.all([
      this.#client.call('get-song', { songId }),
      this.#client.call('get-peaks', { songId }),
    ]);
    return { details, peaks: peaks ?? [] };
  }

  #applyGains(isAtOnce: boolean): void {
    this.#slots.forEach((slot, side) => {
      const gainDb = side === this.audible ? this.#gainsDb[side as Side] : -Infinity;
      this.#output.setGain(slot.deck, gainDb, isAtOnce);
    });
  }

  #follow(): void {
    cancelAnimationFrame(this.#frame);
    window.clearInterval(this.#driftTimer);
    const follow = () => {
      if (!this.isPlaying) return;
      this.positionSeconds = this.#slots[this.audible].positionSeconds;
      if (this.commonSeconds > 0 && this.positionSeconds >= this.commonSeconds - endMarginSeconds) {
        this.seek(this.#startSeconds);
      }
      this.#frame = requestAnimationFrame(follow);
    };
    this.#frame = requestAnimationFrame(follow);
    this.#driftTimer = window.setInterval(() => {
      this.#correctDrift();
    }, driftPauseMs);
  }

  #correctDrift(): void {
    const heard = this.#slots[this.audible].element;
    const silent = this.#slots[this.audible === 0 ? 1 : 0].element;
    if (heard.seeking || silent.seeking || silent.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    const correction = correctDrift(silent.currentTime - heard.currentTime);
    if (correction.kind === 'jump') {
      silent.playbackRate = 1;
      silent.currentTime = heard.currentTime;
    } else {
      silent.preservesPitch = false;
      silent.playbackRate = correction.rate;
    }
  }

  #listenTo(slot: DeckSlot): void {
    slot.element.addEventListener('error', () => {
      if (slot.songId !== null) void this.#explainError(slot);
    });
    // A length that was stated wrongly: both begin again.
    slot.element.addEventListener('ended', () => {
      if (!this.isPlaying) return;
      this.seek(this.#startSeconds);
      void this.resume();
    });
  }

  async #explainError(slot: DeckSlot): Promise<void> {
    const { songId } = slot;
    if (songId === null) return;
    this.pause();
    const sideNow = () => this.#slots.indexOf(slot) as Side;
    try {
      await this.#client.call('open-media', { songId });
      this.#setProblem(sideNow(), null);
    } catch (thrown) {
      this.#setProblem(sideNow(), thrown);
    }
  }

  /** @param thrown null where only the file's contents are to blame */
  #setProblem(side: Side, thrown: unknown): void {
    this.pause();
    const { message, nextStep } =
      thrown === null ? { message: strings.player.unplayable, nextStep: undefined } : asBangerError(thrown);
    const words = [message, nextStep].filter((part) => part !== undefined).join(' ');
    this.problems = side === 0 ? [words, this.problems[1]] : [this.problems[0], words];
  }
}

/** Resolves when an element can play on from where it stands; never, where it cannot. */
function canPlay(element: HTMLMediaElement): Promise<void> {
  if (element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && !element.seeking) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA || element.seeking) return;
      element.removeEventListener('canplay', look);
      element.removeEventListener('seeked', look);
      resolve();
    };
    element.addEventListener('canplay', look);
    element.addEventListener('seeked', look);
  });
}
