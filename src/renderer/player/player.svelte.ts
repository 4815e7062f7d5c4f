/** Plays songs: one at a time, the next one ready at its start, equally loud, in the order of the list. */
import { untrack } from 'svelte';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from '../state/notices.svelte.ts';
import type { Settings } from '../state/settings.svelte.ts';
import type { SongList } from '../state/song-list.svelte.ts';
import { strings } from '../strings/en.ts';
import { AudioOutput } from './audio-output.ts';
import { countPlays } from './count-plays.ts';
import { DeckSlot, type LoadedSong } from './deck-slot.ts';
import { loudnessGainDb } from './loudness-gain.ts';
import { tellPosition, tellWhatPlays, useMediaKeys } from './media-keys.ts';
import type { PlayGuest, PlayOrder } from './play-order.ts';
import { StallWatch } from './stall-watch.ts';
import { startSecondsOf } from './start-position.ts';

/** How long nothing may move before the engine is asked whether the file is still there. */
const stallMs = 4000;
/** A file that is there and still does not come is read anew this often. */
const maximumReloads = 2;
/** Songs in a row that are passed over by themselves when they cannot be played. */
const maximumPassedOver = 10;

export class Player {
  readonly output = new AudioOutput();
  /** The song that is loaded, null before the first. */
  songId = $state<number | null>(null);
  song = $state.raw<LoadedSong | null>(null);
  /** Whether it plays, or will as soon as it can. */
  isPlaying = $state(false);
  /** A file that is being opened or converted, or whose next part has not come yet. */
  isLoading = $state(false);
  positionSeconds = $state(0);
  durationSeconds = $state(0);
  /** Why the song cannot be played, one sentence; null while it can. */
  problem = $state<string | null>(null);
  /** Loudness gain of the song that plays, in dB. */
  gainDb = $state(0);

  readonly #client: AppClient;
  readonly #list: SongList;
  readonly #settings: Settings;
  readonly #notices: Notices;
  readonly #slots = [new DeckSlot(this.output), new DeckSlot(this.output)] as const;
  #active: DeckSlot = this.#slots[0];
  #ownOrder: PlayOrder | null = null;
  #guest: PlayGuest | null = null;
  /** Grows with every song asked for, so that a late answer is known to be late. */
  #epoch = 0;
  #frame = 0;
  readonly #stalls = new StallWatch(stallMs, () => void this.#askWhyNothingComes());
  #reloads = 0;
  #passedOver = 0;
  /** Whether the song came by itself after another one. */
  #isFollowing = false;
  /** Whether the song was stopped only because the engine was away. */
  #waitsForEngine = false;

  constructor(client: AppClient, list: SongList, settings: Settings, notices: Notices) {
    this.#client = client;
    this.#list = list;
    this.#settings = settings;
    this.#notices = notices;
    for (const slot of this.#slots) {
      this.#listenTo(slot);
      countPlays(slot, (songId) => void this.#recordPlay(songId));
    }
    useMediaKeys({
      play: () => (this.#guest === null ? void this.resume() : this.#guest.resume()),
      pause: () => (this.#guest ?? this).pause(),
      stop: () => (this.#guest === null ? this.stop() : this.#guest.pause()),
      next: () => this.#guest ?? void this.playNext(),
      previous: () => this.#guest ?? void this.playPrevious(),
      seek: (seconds) => (this.#guest ?? this).seek(seconds),
      seekBy: (seconds) => {
        const sounding = this.#guest ?? this;
        sounding.seek(sounding.positionSeconds + seconds);
      },
    });
    client.on('settings-changed', () => {
      this.applySettings();
    });
    client.onConnected(() => {
      if (this.#waitsForEngine && this.songId !== null) void this.play(this.songId, this.positionSeconds);
    });
  }

  /** The element that plays now; others may read it, and must not change what it plays. */
  get element(): HTMLAudioElement {
    return this.#active.element;
  }

  /**
   * Loads a song and plays it.
   *
   * @param startSeconds where to start; left out, where the settings say
   */
  async play(songId: number, startSeconds?: number): Promise<void> {
    this.#isFollowing = false;
    await this.#play(songId, startSeconds);
  }

  async #play(songId: number, startSeconds?: number): Promise<void> {
    const load = this.#load(songId, startSeconds);
    this.isPlaying = true;
    this.output.start();
    if ((await load) && this.isPlaying) await this.resume();
  }

  /** Loads a song without playing it; the one that played before is stopped. */
  async load(songId: number, startSeconds?: number): Promise<void> {
    await this.#load(songId, startSeconds);
  }

  /** @returns whether the song is there and still the one asked for */
  async #load(songId: number, startSeconds?: number): Promise<boolean> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#halt();
    this.isPlaying = false;
    this.problem = null;
    this.#waitsForEngine = false;
    this.#reloads = 0;
    this.songId = songId;
    const slot = this.#activate(songId);
    if (startSeconds !== undefined) slot.seek(startSeconds);
    this.#showSong(slot);
    try {
      await slot.loading;
    } catch (thrown) {
      if (epoch === this.#epoch) this.#fail(thrown);
      return false;
    }
    if (epoch !== this.#epoch) return false;
    // The song's own start was set when it came; a wish goes before it.
    if (startSeconds !== undefined) slot.seek(startSeconds);
    this.#showSong(slot);
    return true;
  }

  async resume(): Promise<void> {
    if (this.songId === null) return;
    if (this.problem !== null) {
      await this.play(this.songId, this.positionSeconds);
      return;
    }
    const epoch = this.#epoch;
    this.isPlaying = true;
    this.output.start();
    this.applySettings();
    this.#followLoading();
    try {
      await this.element.play();
      if (epoch !== this.#epoch) return;
      this.#passedOver = 0;
      this.#prepareNext();
    } catch (thrown) {
      // Another song was asked for while this one was starting, or it was stopped.
      if (epoch !== this.#epoch || isNamed(thrown, 'AbortError')) return;
      // Browsers play nothing before the person has done something on the page; the next press does.
      if (isNamed(thrown, 'NotAllowedError')) this.#showPaused();
      // What the element cannot play it tells through its own event.
      else if (this.element.error === null) this.#fail(thrown);
    }
  }

  pause(): void {
    this.#halt();
    this.#showPaused();
  }

  async toggle(): Promise<void> {
    if (this.isPlaying) this.pause();
    else await this.resume();
  }

  /** Stops and lets the song and its file go. */
  stop(): void {
    this.#epoch += 1;
    this.#showPaused();
    for (const slot of this.#slots) slot.empty();
    this.songId = null;
    this.song = null;
    this.problem = null;
    this.#waitsForEngine = false;
    this.positionSeconds = 0;
    this.durationSeconds = 0;
    tellWhatPlays(null);
  }

  seek(seconds: number): void {
    if (this.songId === null) return;
    this.#active.seek(seconds);
    this.positionSeconds = this.#active.positionSeconds;
    this.#tellPosition();
  }

  /** Plays in another order than the list's; null goes back to it. */
  useOrder(order: PlayOrder | null): void {
    this.#ownOrder = order;
    if (this.isPlaying) this.#prepareNext();
  }

  /** Lets something else sound over the same output and have the media keys; null ends that. */
  lendOutput(guest: PlayGuest | null): void {
    if (guest !== null) this.pause();
    this.#guest = guest;
  }

  /** The neighbour in the order, undefined at its ends. */
  neighbour(step: 1 | -1): number | undefined {
    if (this.songId === null) return undefined;
    if (this.#ownOrder !== null) return this.#ownOrder.neighbour(this.songId, step);
    const index = this.#list.order.indexOf(this.songId);
    return index < 0 ? undefined : this.#list.order.at(index + step);
  }

  async playNext(): Promise<void> {
    await this.#step(1);
  }

  async playPrevious(): Promise<void> {
    await this.#step(-1);
  }

  /** Makes a song ready in the deck that rests, so that it starts at once, where it should and as loud as it should. */
  prepare(songId: number): void {
    const resting = this.#restingSlot();
    if (songId === this.songId || resting.holds(songId)) return;
    this.#cue(resting, songId);
  }

  /** Brings volume, output and loudness to what the settings say. */
  applySettings(): void {
    const { volume, outputDeviceId } = this.#settings.current;
    this.output.setVolume(volume);
    for (const { deck, element, song } of this.#slots) {
      if (song !== null) this.output.setGain(deck, this.#gainDbOf(song), element.paused);
    }
    if (this.song !== null) this.gainDb = this.#gainDbOf(this.song);
    this.output.setDevice(outputDeviceId).catch((thrown: unknown) => {
      this.#notices.showError(
        new BangerError('media-unplayable', strings.player.deviceGone, { details: String(thrown) }),
      );
    });
  }

  async close(): Promise<void> {
    this.stop();
    await this.output.close();
  }

  async #recordPlay(songId: number): Promise<void> {
    try {
      await this.#client.call('record-play', { songId });
    } catch (thrown) {
      // That the engine is away, or that the song has gone, is told where it matters more than one play.
      if (hasErrorCode(thrown, 'engine-unreachable') || hasErrorCode(thrown, 'song-unknown')) return;
      this.#notices.showError(thrown);
    }
  }

  async #step(step: 1 | -1): Promise<void> {
    if (this.#ownOrder?.move !== undefined) {
      this.#ownOrder.move(step);
      return;
    }
    const songId = this.neighbour(step);
    if (songId !== undefined) await this.play(songId);
  }

  #cue(slot: DeckSlot, songId: number): void {
    slot.cue(
      songId,
      async () => {
        const [details, { peaks }] = await Promise.all([
          this.#client.call('get-song', { songId }),
          this.#client.call('get-peaks', { songId }),
        ]);
        return { details, peaks: peaks ?? [] };
      },
      (song) => startSecondsOf(song, this.#settings.current.startPosition),
      (song) => this.#gainDbOf(song),
    );
  }

  /** The deck that holds the song, which becomes the active one. */
  #activate(songId: number): DeckSlot {
    const resting = this.#restingSlot();
    if (!resting.holds(songId)) this.#cue(resting, songId);
    this.#active = resting;
    return resting;
  }

  #restingSlot(): DeckSlot {
    const [first, second] = this.#slots;
    return this.#active === first ? second : first;
  }

  #prepareNext(): void {
    const next = this.neighbour(1);
    if (next !== undefined) this.prepare(next);
  }

  #gainDbOf({ details }: LoadedSong): number {
    const { matchesLoudness, targetLufs } = this.#settings.current;
    if (!matchesLoudness) return 0;
    return loudnessGainDb(
      { loudnessLufs: details.row.loudnessLufs, truePeakDbtp: details.truePeakDbtp },
      targetLufs,
    );
  }

  #showSong(slot: DeckSlot): void {
    this.song = slot.song;
    this.durationSeconds = slot.durationSeconds ?? slot.song?.details.row.durationSeconds ?? 0;
    this.positionSeconds = slot.positionSeconds;
    this.#followLoading();
    if (slot.song === null) return;
    this.gainDb = this.#gainDbOf(slot.song);
    const { row, album } = slot.song.details;
    tellWhatPlays({ title: row.title, artist: row.artist ?? '', album: album ?? '' });
  }

  #listenTo(slot: DeckSlot): void {
    const on = (names: readonly (keyof HTMLMediaElementEventMap)[], react: () => void) => {
      for (const name of names) {
        slot.element.addEventListener(name, () => {
          if (slot === this.#active && slot.songId !== null) react();
        });
      }
    };
    on(['playing', 'canplay', 'waiting', 'loadedmetadata', 'emptied'], () => {
      this.#followLoading();
    });
    on(['playing'], () => {
      this.#reloads = 0;
      this.#followPosition();
      this.#tellPosition();
    });
    on(['seeked'], () => {
      this.positionSeconds = slot.positionSeconds;
      this.#tellPosition();
    });
    on(['durationchange'], () => {
      this.durationSeconds = slot.durationSeconds ?? this.durationSeconds;
    });
    // Also by the system: a headphone that was pulled out, another program that wants to be heard.
    on(['pause'], () => {
      if (this.isPlaying && !slot.element.ended && slot.element.error === null) this.#showPaused();
    });
    on(['ended'], () => {
      this.#showPaused();
      this.positionSeconds = this.durationSeconds;
      if (this.#ownOrder?.goesOn !== false) this.#follow();
    });
    on(['error'], () => void this.#explainError());
  }

  /** The next song by itself: one that cannot be played is passed over, within reason. */
  #follow(): void {
    const next = this.neighbour(1);
    if (next === undefined) return;
    this.#isFollowing = true;
    void this.#play(next);
  }

  /** Asks the engine why a file cannot be played: the element only knows that it cannot. */
  async #explainError(): Promise<void> {
    const epoch = this.#epoch;
    const { songId } = this;
    if (songId === null || this.problem !== null) return;
    try {
      await this.#client.call('open-media', { songId });
      throw new BangerError('media-unplayable', strings.player.unplayable);
    } catch (thrown) {
      if (epoch === this.#epoch && this.problem === null) this.#fail(thrown);
    }
  }

  /** The file does not come: it may be gone, or its connection; converting takes a while and is answered late. */
  async #askWhyNothingComes(): Promise<void> {
    const epoch = this.#epoch;
    const { songId } = this;
    if (songId === null) return;
    this.#stalls.end();
    try {
      await this.#client.call('open-media', { songId });
      if (epoch !== this.#epoch || !this.isLoading || !this.isPlaying) return;
      if (this.#reloads >= maximumReloads) {
        throw new BangerError('media-unplayable', strings.player.unplayable);
      }
      this.#reloads += 1;
      this.#active.reload();
      await this.resume();
    } catch (thrown) {
      if (epoch === this.#epoch) this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    const wasPlaying = this.isPlaying;
    this.#halt();
    this.#showPaused();
    this.#waitsForEngine = wasPlaying && hasErrorCode(thrown, 'engine-unreachable');
    const { message, nextStep } = asBangerError(thrown);
    this.problem =
      thrown instanceof BangerError
        ? [message, nextStep].filter((part) => part !== undefined).join(' ')
        : strings.player.unplayable;
    this.#notices.showError(
      thrown instanceof BangerError
        ? thrown
        : new BangerError('media-unplayable', strings.player.unplayable, { details: String(thrown) }),
    );
    const isPassedOver = this.#isFollowing && wasPlaying && !this.#waitsForEngine;
    if (!isPassedOver || this.#passedOver >= maximumPassedOver) return;
    this.#passedOver += 1;
    this.#follow();
  }

  #halt(): void {
    // Said before it happens, so that the element's own event changes nothing.
    this.isPlaying = false;
    this.element.pause();
  }

  #showPaused(): void {
    this.isPlaying = false;
    this.#followLoading();
    this.output.rest();
    this.#tellPosition();
  }

  /** Whether the person waits for the file; while they do, it is looked after. */
  #followLoading(): void {
    const { readyState, error } = this.element;
    const isMissing = this.#active.song === null || readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    const isWaiting = this.isPlaying && readyState < HTMLMediaElement.HAVE_FUTURE_DATA && !this.element.ended;
    this.isLoading =
      this.songId !== null && this.problem === null && error === null && (isMissing || isWaiting);
    if (this.isLoading && this.isPlaying) this.#stalls.begin();
    else this.#stalls.end();
  }

  /** Follows the position while the song plays; as often as the screen is drawn, since the waveform fills with it. */
  #followPosition(): void {
    cancelAnimationFrame(this.#frame);
    const follow = () => {
      if (!this.isPlaying) return;
      this.positionSeconds = this.#active.positionSeconds;
      this.#frame = requestAnimationFrame(follow);
    };
    this.#frame = requestAnimationFrame(follow);
  }

  #tellPosition(): void {
    untrack(() => {
      tellPosition(this.isPlaying, this.positionSeconds, this.durationSeconds);
    });
  }
}

function isNamed(thrown: unknown, name: string): boolean {
  return thrown instanceof DOMException && thrown.name === name;
}
