/**
 * The path from media elements to the loudspeakers: one gain for each deck, one for the volume, and a meter behind
 * them. Made at the first sound, since browsers want a person's action before.
 */
import { gainFactor } from './loudness-gain.ts';

/** One media element with its own gain; several of them let one be ready, or silent, while another plays. */
export interface Deck {
  readonly element: HTMLAudioElement;
  /** Null until there is an audio graph. */
  gain: GainNode | null;
  /** What the gain is, or will be, as a factor. */
  factor: number;
}

/** Time of a change of gain: too short to be heard as a fade, too long to click. */
const rampSeconds = 0.01;
/** After this time without a sound the audio hardware is let go. */
const restAfterMs = 20_000;

export class AudioOutput {
  readonly #decks = new Set<Deck>();
  #context: AudioContext | null = null;
  #volume: GainNode | null = null;
  #analyser: AnalyserNode | null = null;
  #samples: Float32Array<ArrayBuffer> | null = null;
  #volumeFactor = 1;
  #deviceId = '';
  #restTimer: number | undefined;

  /** A new deck, silent until something is played with it; to be given back by `releaseDeck`. */
  createDeck(): Deck {
    const element = new Audio();
    element.preload = 'auto';
    const deck: Deck = { element, gain: null, factor: 1 };
    this.#decks.add(deck);
    if (this.#context !== null) this.#connect(deck, this.#context);
    return deck;
  }

  /** Ends what a deck plays and lets its file and its nodes go. */
  releaseDeck(deck: Deck): void {
    this.#decks.delete(deck);
    emptyDeck(deck);
    deck.gain?.disconnect();
    deck.gain = null;
  }

  /**
   * Makes the audio graph where there is none yet, and wakes it. Does not wait: before a person's first action a
   * browser leaves the wish open, and the media element says that nothing may play yet.
   */
  start(): void {
    window.clearTimeout(this.#restTimer);
    const context = this.#context ?? this.#build();
    if (context.state !== 'running') void context.resume().catch(() => undefined);
  }

  /** Lets the audio hardware go after a while; `start` wakes it. */
  rest(): void {
    window.clearTimeout(this.#restTimer);
    this.#restTimer = window.setTimeout(() => {
      void this.#context?.suspend().catch(() => undefined);
    }, restAfterMs);
  }

  /**
   * Sets how loud a deck's song is played.
   *
   * @param gainDb in dB, before the volume; -Infinity for silence
   * @param isAtOnce for a deck that does not sound, so that it starts as loud as it is meant to be
   */
  setGain(deck: Deck, gainDb: number, isAtOnce = false): void {
    deck.factor = gainFactor(gainDb);
    const context = this.#context;
    if (deck.gain === null || context === null) return;
    const { gain } = deck.gain;
    gain.cancelScheduledValues(context.currentTime);
    if (isAtOnce) gain.setValueAtTime(deck.factor, context.currentTime);
    else ramp(gain, deck.factor, context.currentTime);
  }

  /** 0..1 */
  setVolume(volume: number): void {
    // Loudness is heard by ratios: a squared slider feels even.
    const factor = volume * volume;
    if (factor === this.#volumeFactor) return;
    this.#volumeFactor = factor;
    if (this.#volume === null || this.#context === null) return;
    this.#volume.gain.cancelScheduledValues(this.#context.currentTime);
    ramp(this.#volume.gain, factor, this.#context.currentTime);
  }

  /** Whether the output can be chosen here. */
  get canChooseDevice(): boolean {
    return 'setSinkId' in AudioContext.prototype;
  }

  /**
   * Plays through a device from now on; an empty text is the system's choice.
   *
   * @throws DOMException where there is no such device any more; the one before goes on
   */
  async setDevice(deviceId: string): Promise<void> {
    if (deviceId === this.#deviceId) return;
    this.#deviceId = deviceId;
    // Old browsers play through the system's output alone.
    if (this.#context !== null && canSetSink(this.#context)) await this.#context.setSinkId(deviceId);
  }

  /** The level of what is heard now, root mean square in dBFS; -Infinity for silence or before the first sound. */
  readLevelDbfs(): number {
    if (this.#analyser === null || this.#context?.state !== 'running') return -Infinity;
    this.#samples ??= new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let power = 0;
    for (const sample of this.#samples) power += sample * sample;
    return 10 * Math.log10(power / this.#samples.length);
  }

  async close(): Promise<void> {
    window.clearTimeout(this.#restTimer);
    for (const deck of [...this.#decks]) this.releaseDeck(deck);
    await this.#context?.close();
    this.#context = null;
  }

  #build(): AudioContext {
    const context = new AudioContext();
    const volume = context.createGain();
    const analyser = context.createAnalyser();
    volume.gain.value = this.#volumeFactor;
    volume.connect(analyser).connect(context.destination);
    this.#context = context;
    this.#volume = volume;
    this.#analyser = analyser;
    for (const deck of this.#decks) this.#connect(deck, context);
    const deviceId = this.#deviceId;
    this.#deviceId = '';
    // A device that is gone is told when settings are applied; here the system's is used.
    if (deviceId !== '') void this.setDevice(deviceId).catch(() => undefined);
    return context;
  }

  #connect(deck: Deck, context: AudioContext): void {
    if (this.#volume === null) return;
    deck.gain = context.createGain();
    deck.gain.gain.value = deck.factor;
    context.createMediaElementSource(deck.element).connect(deck.gain).connect(this.#volume);
  }
}

/** TypeScript's own types do not know it yet. */
interface SinkContext extends AudioContext {
  setSinkId(deviceId: string): Promise<void>;
}

function canSetSink(context: AudioContext): context is SinkContext {
  return 'setSinkId' in context;
}

/** Stops a deck and lets its file go. */
export function emptyDeck({ element }: Deck): void {
  element.pause();
  element.removeAttribute('src');
  element.load();
}

function ramp(gain: AudioParam, factor: number, now: number): void {
  gain.setValueAtTime(gain.value, now);
  gain.linearRampToValueAtTime(factor, now + rampSeconds);
}
