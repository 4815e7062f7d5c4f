/** A deck with the song that is on it: loading, seeking before the file is known, how loud it will be. */
import type { SongDetails } from '../../shared/song-details.ts';
import { emptyDeck, type AudioOutput, type Deck } from './audio-output.ts';

/** A song with what playing it needs. */
export interface LoadedSong {
  details: SongDetails;
  /** Lowest and highest sample of each of up to 800 spans, in pairs, -127..127; empty for a song not measured. */
  peaks: readonly number[];
}

/** A seek to the very end would end the song. */
const endMarginSeconds = 0.05;

export class DeckSlot {
  readonly deck: Deck;
  songId: number | null = null;
  /** What is known of the song; null while it is asked for. */
  song: LoadedSong | null = null;
  /** Resolves with the song; rejects where the engine does not know it. */
  loading: Promise<LoadedSong> | null = null;
  #pendingSeconds: number | null = null;
  readonly #output: AudioOutput;

  constructor(output: AudioOutput) {
    this.#output = output;
    this.deck = output.createDeck();
    this.deck.element.addEventListener('loadedmetadata', () => {
      if (this.#pendingSeconds !== null) this.seek(this.#pendingSeconds);
    });
  }

  get element(): HTMLAudioElement {
    return this.deck.element;
  }

  /** Where the song stands, also before its file could be read. */
  get positionSeconds(): number {
    return this.#pendingSeconds ?? this.element.currentTime;
  }

  /** The file's own length; null while it is not known. */
  get durationSeconds(): number | null {
    return Number.isFinite(this.element.duration) ? this.element.duration : null;
  }

  /** Whether a song lies here that can go on at once. */
  holds(songId: number): boolean {
    return this.songId === songId && this.element.error === null && this.element.getAttribute('src') !== null;
  }

  /**
   * Puts a song on the deck and brings it to its start.
   *
   * @param load asks the engine for the song
   * @param startOf where it starts, in seconds
   * @param gainDbOf how loud it is played
   */
  cue(
    songId: number,
    load: () => Promise<LoadedSong>,
    startOf: (song: LoadedSong) => number,
    gainDbOf: (song: LoadedSong) => number,
  ): void {
    this.songId = songId;
    this.song = null;
    this.#pendingSeconds = null;
    this.element.src = addressOf(songId);
    const loading = load().then((song) => {
      if (this.loading !== loading) return song;
      this.song = song;
      this.#output.setGain(this.deck, gainDbOf(song), this.element.paused);
      const start = startOf(song);
      if (start > 0) this.seek(start);
      return song;
    });
    // Whoever plays the song hears of it; one that was only made ready is asked for again.
    loading.catch(() => undefined);
    this.loading = loading;
  }

  /** Goes to a place in the song, as soon as its file is known. */
  seek(seconds: number): void {
    const { element } = this;
    const wanted = Math.max(0, seconds);
    if (element.readyState < HTMLMediaElement.HAVE_METADATA) {
      this.#pendingSeconds = wanted;
      return;
    }
    this.#pendingSeconds = null;
    const end = this.durationSeconds ?? this.song?.details.row.durationSeconds ?? wanted;
    element.currentTime = Math.min(wanted, Math.max(0, end - endMarginSeconds));
  }

  /** Reads the file anew, and goes on where it was. */
  reload(): void {
    const { positionSeconds } = this;
    this.element.load();
    this.#pendingSeconds = positionSeconds;
  }

  empty(): void {
    this.songId = null;
    this.song = null;
    this.loading = null;
    this.#pendingSeconds = null;
    emptyDeck(this.deck);
  }
}

/** Address of a song's audio, on the page's own origin so that Web Audio may touch it. */
export function addressOf(songId: number): string {
  return new URL(`media/${songId}`, document.baseURI).href;
}
