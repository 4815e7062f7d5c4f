/** Plays songs: one at a time, the next one ready, equally loud, in the order of the list. */
import type { SongDetails } from '../../shared/song-details.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from '../state/notices.svelte.ts';
import type { Settings } from '../state/settings.svelte.ts';
import type { SongList } from '../state/song-list.svelte.ts';
import { BangerError } from '../../shared/errors.ts';
import { strings } from '../strings/en.ts';
import { AudioOutput, type Deck } from './audio-output.ts';
import { loudestPartStart } from './loudest-part.ts';
import { loudnessGainDb } from './loudness-gain.ts';

/** A song with what playing it needs. */
export interface LoadedSong {
  details: SongDetails;
  /** Lowest and highest sample of each of up to 800 spans, in pairs, -127..127; empty for a song not measured. */
  peaks: readonly number[];
}

/** How far a start may lie from the beginning with “30 s in”. */
const thirtySeconds = 30;

export class Player {
  readonly output = new AudioOutput();
  /** The song that is loaded, null before the first. */
  songId = $state<number | null>(null);
  song = $state.raw<LoadedSong | null>(null);
  isPlaying = $state(false);
  /** A file that is being opened or converted. */
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
  #active: Deck = this.output.decks[0];
  #readyId: number | null = null;
  /** Grows with every song asked for, so that a late answer is known to be late. */
  #epoch = 0;
  #frame = 0;

  constructor(client: AppClient, list: SongList, settings: Settings, notices: Notices) {
    this.#client = client;
    this.#list = list;
    this.#settings = settings;
    this.#notices = notices;
    for (const deck of this.output.decks) this.#listenTo(deck);
    this.#useMediaKeys();
    client.on('settings-changed', () => {
      this.applySettings();
    });
  }

  /** The element that plays now; others may read it, and must not change what it plays. */
  get element(): HTMLAudioElement {
    return this.#active.element;
  }

  /** Address of a song's audio, on the page's own origin so that Web Audio may touch it. */
  static addressOf(songId: number): string {
    return new URL(`media/${songId}`, document.baseURI).href;
  }

  /**
   * Loads a song and plays it.
   *
   * @param startSeconds where to start; left out, where the settings say
   */
  async play(songId: number, startSeconds?: number): Promise<void> {
    await this.load(songId, startSeconds);
    if (this.songId === songId && this.problem === null) await this.resume();
  }

  /** Loads a song without playing it; the one that played before is stopped. */
  async load(songId: number, startSeconds?: number): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#active.element.pause();
    this.songId = songId;
    this.song = null;
    this.problem = null;
    this.isLoading = true;
    this.positionSeconds = startSeconds ?? 0;
    const deck = this.#deckFor(songId);
    try {
      const [details, { peaks }] = await Promise.all([
        this.#client.call('get-song', { songId }),
        this.#client.call('get-peaks', { songId }),
      ]);
      if (epoch !== this.#epoch) return;
      this.song = { details, peaks: peaks ?? [] };
      this.durationSeconds = details.row.durationSeconds ?? 0;
      this.#applyGain();
      const start = startSeconds ?? this.startOf(this.song);
      this.positionSeconds = start;
      deck.element.currentTime = start;
    } catch (thrown) {
      if (epoch !== this.#epoch) return;
      this.#fail(thrown);
    } finally {
      if (epoch === this.#epoch) this.isLoading = false;
    }
  }

  /** Where a song starts by the settings, in seconds. */
  startOf({ details, peaks }: LoadedSong): number {
    const durationSeconds = details.row.durationSeconds ?? 0;
    switch (this.#settings.current.startPosition) {
      case 'beginning':
        return 0;
      case 'thirty-seconds':
        return durationSeconds > 2 * thirtySeconds ? thirtySeconds : 0;
      case 'loudest-part':
        return loudestPartStart(peaks, durationSeconds);
    }
  }

  async resume(): Promise<void> {
    if (this.songId === null) return;
    const epoch = this.#epoch;
    try {
      await this.output.start();
      this.applySettings();
      this.#applyGain();
      await this.#active.element.play();
      this.#prepareNext();
    } catch (thrown) {
      // Another song was asked for while this one was starting.
      if (epoch !== this.#epoch || isAbort(thrown)) return;
      // What the element cannot play it tells through its own event.
      if (this.#active.element.error === null) this.#fail(thrown);
    }
  }

  pause(): void {
    this.#active.element.pause();
  }

  async toggle(): Promise<void> {
    if (this.isPlaying) this.pause();
    else await this.resume();
  }

  /** Stops and lets the song go. */
  stop(): void {
    this.#epoch += 1;
    this.pause();
    this.songId = null;
    this.song = null;
    this.problem = null;
    this.isLoading = false;
  }

  seek(seconds: number): void {
    const end = Math.max(0, this.durationSeconds - 0.05);
    this.#active.element.currentTime = Math.min(end, Math.max(0, seconds));
    this.positionSeconds = this.#active.element.currentTime;
  }

  /** The neighbour in the list's order, undefined at its ends. */
  neighbour(step: 1 | -1): number | undefined {
    if (this.songId === null) return undefined;
    const index = this.#list.order.indexOf(this.songId);
    return index < 0 ? undefined : this.#list.order.at(index + step);
  }

  async playNext(): Promise<void> {
    const next = this.neighbour(1);
    if (next !== undefined) await this.play(next);
  }

  async playPrevious(): Promise<void> {
    const previous = this.neighbour(-1);
    if (previous !== undefined) await this.play(previous);
  }

  /** Makes a song ready in the deck that rests, so that it starts at once. */
  prepare(songId: number): void {
    const resting = this.#restingDeck();
    if (this.#readyId === songId || songId === this.songId) return;
    this.#readyId = songId;
    resting.element.src = Player.addressOf(songId);
    resting.element.load();
  }

  /** Brings volume, output and loudness to what the settings say. */
  applySettings(): void {
    const { volume, outputDeviceId } = this.#settings.current;
    this.output.setVolume(volume);
    this.#applyGain();
    void this.output.setDevice(outputDeviceId).catch((thrown: unknown) => {
      this.#notices.showError(
        new BangerError('media-unplayable', strings.player.deviceGone, { details: String(thrown) }),
      );
    });
  }

  async close(): Promise<void> {
    cancelAnimationFrame(this.#frame);
    await this.output.close();
  }

  /** The deck that holds the song, which becomes the active one. */
  #deckFor(songId: number): Deck {
    const resting = this.#restingDeck();
    const isReady = this.#readyId === songId && resting.element.error === null;
    if (!isReady) {
      resting.element.src = Player.addressOf(songId);
      resting.element.load();
    }
    this.#readyId = null;
    this.#active = resting;
    return resting;
  }

  #restingDeck(): Deck {
    const [first, second] = this.output.decks;
    return this.#active === first ? second : first;
  }

  #prepareNext(): void {
    const next = this.neighbour(1);
    if (next !== undefined) this.prepare(next);
  }

  #applyGain(): void {
    const { matchesLoudness, targetLufs } = this.#settings.current;
    const details = this.song?.details;
    this.gainDb =
      matchesLoudness && details !== undefined
        ? loudnessGainDb(details.row.loudnessLufs, details.truePeakDbtp, targetLufs)
        : 0;
    this.output.setGain(this.#active, this.gainDb);
  }

  #listenTo(deck: Deck): void {
    const { element } = deck;
    const whenActive = (react: () => void) => () => {
      if (deck === this.#active) react();
    };
    element.addEventListener(
      'play',
      whenActive(() => {
        this.isPlaying = true;
        this.#followPosition();
      }),
    );
    element.addEventListener(
      'pause',
      whenActive(() => {
        this.isPlaying = false;
      }),
    );
    element.addEventListener(
      'seeked',
      whenActive(() => {
        this.positionSeconds = element.currentTime;
      }),
    );
    element.addEventListener(
      'durationchange',
      whenActive(() => {
        if (Number.isFinite(element.duration)) this.durationSeconds = element.duration;
      }),
    );
    element.addEventListener(
      'ended',
      whenActive(() => {
        this.isPlaying = false;
        void this.playNext();
      }),
    );
    element.addEventListener(
      'error',
      whenActive(() => {
        if (element.getAttribute('src') !== null) void this.#explainError();
      }),
    );
  }

  /** Asks the engine why a file cannot be played: the element only knows that it cannot. */
  async #explainError(): Promise<void> {
    const epoch = this.#epoch;
    const { songId } = this;
    if (songId === null) return;
    this.isPlaying = false;
    try {
      await this.#client.call('open-media', { songId });
      throw new BangerError('media-unplayable', strings.player.unplayable);
    } catch (thrown) {
      if (epoch === this.#epoch) this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.isPlaying = false;
    this.problem =
      thrown instanceof BangerError
        ? [thrown.message, thrown.nextStep].filter(Boolean).join(' ')
        : strings.player.unplayable;
    this.#notices.showError(thrown);
  }

  /** Follows the position while the song plays; sixty times a second, since the waveform fills with it. */
  #followPosition(): void {
    cancelAnimationFrame(this.#frame);
    const follow = () => {
      if (!this.isPlaying) return;
      this.positionSeconds = this.#active.element.currentTime;
      this.#frame = requestAnimationFrame(follow);
    };
    this.#frame = requestAnimationFrame(follow);
  }

  #useMediaKeys(): void {
    const session = navigator.mediaSession;
    session.setActionHandler('play', () => void this.resume());
    session.setActionHandler('pause', () => {
      this.pause();
    });
    session.setActionHandler('nexttrack', () => void this.playNext());
    session.setActionHandler('previoustrack', () => void this.playPrevious());
    session.setActionHandler('seekto', ({ seekTime }) => {
      if (seekTime !== undefined) this.seek(seekTime);
    });
  }
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
