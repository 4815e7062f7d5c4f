/**
 * The path from media elements to the loudspeakers: one gain for each deck, one for the volume, and a meter behind
 * them. Made at the first sound, since browsers want a person's action before.
 */
import { gainFactor } from './loudness-gain.ts';

/** One media element with its own gain; two of them let the next song be ready. */
export interface Deck {
  element: HTMLAudioElement;
  gain: GainNode | null;
}

/** Time of a change of gain, so that it does not click. */
const rampSeconds = 0.015;

export class AudioOutput {
  readonly decks: readonly [Deck, Deck] = [newDeck(), newDeck()];
  #context: AudioContext | null = null;
  #volume: GainNode | null = null;
  #analyser: AnalyserNode | null = null;
  #samples: Float32Array<ArrayBuffer> | null = null;
  #volumeFactor = 1;
  #deviceId = '';

  /** Makes the audio graph where there is none yet, and wakes it. */
  async start(): Promise<void> {
    const context = this.#context ?? this.#build();
    if (context.state === 'suspended') await context.resume();
  }

  /** Sets how loud a deck's song is played, in dB beside the volume. */
  setGain(deck: Deck, gainDb: number): void {
    if (deck.gain === null || this.#context === null) return;
    deck.gain.gain.setTargetAtTime(gainFactor(gainDb), this.#context.currentTime, rampSeconds);
  }

  /** 0..1 */
  setVolume(volume: number): void {
    // Loudness is heard by ratios: a squared slider feels even.
    this.#volumeFactor = volume * volume;
    if (this.#volume !== null && this.#context !== null) {
      this.#volume.gain.setTargetAtTime(this.#volumeFactor, this.#context.currentTime, rampSeconds);
    }
  }

  /** Whether the output can be chosen here. */
  get canChooseDevice(): boolean {
    return 'setSinkId' in AudioContext.prototype;
  }

  /** Plays through a device from now on; an empty text is the system's choice. */
  async setDevice(deviceId: string): Promise<void> {
    this.#deviceId = deviceId;
    const context = this.#context;
    await context?.setSinkId?.(deviceId);
  }

  /** The level of what is heard now, root mean square in dBFS; -Infinity for silence or before the first sound. */
  readLevelDbfs(): number {
    if (this.#analyser === null) return -Infinity;
    this.#samples ??= new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return 10 * Math.log10(power);
  }

  async close(): Promise<void> {
    for (const { element } of this.decks) {
      element.pause();
      element.removeAttribute('src');
      element.load();
    }
    await this.#context?.close();
    this.#context = null;
  }

  #build(): AudioContext {
    const context = new AudioContext();
    const volume = context.createGain();
    const analyser = context.createAnalyser();
    volume.gain.value = this.#volumeFactor;
    volume.connect(analyser).connect(context.destination);
    for (const deck of this.decks) {
      deck.gain = context.createGain();
      context.createMediaElementSource(deck.element).connect(deck.gain).connect(volume);
    }
    this.#context = context;
    this.#volume = volume;
    this.#analyser = analyser;
    if (this.#deviceId !== '') void this.setDevice(this.#deviceId).catch(() => undefined);
    return context;
  }
}

function newDeck(): Deck {
  const element = new Audio();
  element.preload = 'auto';
  return { element, gain: null };
}
