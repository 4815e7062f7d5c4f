/**
 * Builds the draft encoder and its head as ONNX graphs: plain signal processing from waveform to named features,
 * with no learned weight, so that a fresh install can sort songs before any model is downloaded.
 */
import type { EncoderGraph, HeadGraph } from '../../shared/graphs.ts';
import {
  embeddingOutputName,
  encoderInputName,
  headInputName,
  hiddenStateOutputName,
  rawScoreOutputName,
} from '../../shared/graphs.ts';
import {
  draftBandCount,
  draftFeatureNames,
  draftNeutralScore,
  draftSummaryFeatures,
  draftWeights,
} from './draft-features.ts';
import { melFilterBank } from './mel-filter-bank.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';

const OPSET_VERSION = 20;
const SAMPLE_RATE_HZ = 24_000;

/** Samples of one spectrum, 43 ms, and from one to the next, 21 ms. */
const WINDOW_SAMPLES = 1024;
const HOP_SAMPLES = 512;
const BIN_COUNT = WINDOW_SAMPLES / 2 + 1;

/** The same lower limit as MERT's, so that what one encoder takes the other takes too. */
const MINIMUM_SAMPLES = 400;

/** Levels below this count as silence and are not told apart: -80 dB. */
const POWER_FLOOR = 1e-8;
const SILENCE_DBFS = -60;

const BASS_HZ = 150;
const TREBLE_HZ = 6000;

/** Frames between beats at 180 and at 60 beats a minute. */
const SHORTEST_BEAT_FRAMES = Math.round((SAMPLE_RATE_HZ / HOP_SAMPLES) * (60 / 180));
const LONGEST_BEAT_FRAMES = Math.round((SAMPLE_RATE_HZ / HOP_SAMPLES) * (60 / 60));

/** The draft encoder: waveform (1, samples) at 24 kHz -> features (1, features) named by `draftFeatureNames`. */
export function buildDraftEncoderGraph(): EncoderGraph {
  const graph = new OnnxGraphBuilder('draft');
  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  const features = new DraftGraphBuilder(graph).features(waveform);
  const embedding = graph.node('Concat', features, {
    attributes: { axis: { int: 0 } },
  });
  graph.node('Unsqueeze', [embedding, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.node('Unsqueeze', [embedding, graph.integers([0, 1])], { outputs: [hiddenStateOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, draftFeatureNames.length]);
  graph.output(hiddenStateOutputName, 'F32', [1, 1, draftFeatureNames.length]);
  return {
    onnx: graph.serialise(OPSET_VERSION),
    window: null,
    weightsFolder: null,
    sampleRateHz: SAMPLE_RATE_HZ,
    minimumSamples: MINIMUM_SAMPLES,
    embeddingSize: draftFeatureNames.length,
    normalizesInput: false,
  };
}

/** The draft head: `draftWeights` as one linear layer. */
export function buildDraftHeadGraph(): HeadGraph {
  const weights = new Float32Array(draftFeatureNames.length);
  let bias = draftNeutralScore;
  for (const { feature, neutral, weight } of draftWeights) {
    weights[draftFeatureNames.indexOf(feature)] = weight;
    bias -= weight * neutral;
  }
  const graph = new OnnxGraphBuilder('draft-head');
  const embeddings = graph.input(headInputName, 'F32', ['batch', weights.length]);
  graph.node(
    'Gemm',
    [
      embeddings,
      graph.floats('weights', [1, weights.length], weights),
      graph.floats('bias', [1], Float32Array.of(bias)),
    ],
    { attributes: { transB: { int: 1 } }, outputs: [rawScoreOutputName] },
  );
  graph.output(rawScoreOutputName, 'F32', ['batch', 1]);
  return { onnx: graph.serialise(OPSET_VERSION), embeddingSize: weights.length };
}

/** The parts of the signal processing. Spectra are (bins or bands, frames); features are 1-D. */
class DraftGraphBuilder {
  readonly #graph: OnnxGraphBuilder;
  readonly #axis0: string;
  readonly #axis1: string;

  constructor(graph: OnnxGraphBuilder) {
    this.#graph = graph;
    this.#axis0 = graph.integers([0]);
    this.#axis1 = graph.integers([1]);
  }

  /** The pieces of the embedding in the order of `draftFeatureNames`. */
  features(waveform: string): string[] {
    const power = this.#powerSpectrum(waveform);
    const bands = this.#decibels(this.#matMul('mel', melFilters(), [draftBandCount, BIN_COUNT], power));
    const frameLevels = this.#decibels(this.#reduce('ReduceSum', power, this.#axis0));
    const spectrum = this.#reduce('ReduceMean', power, this.#axis1);
    const onsets = this.#onsetEnvelope(bands);

    const bandLevels = this.#reduce('ReduceMean', bands, this.#axis1);
    const summary: Record<(typeof draftSummaryFeatures)[number], string> = {
      loudness: this.#decibels(this.#meanSquare(waveform)),
      levelSpread: this.#standardDeviation(frameLevels, this.#axis0),
      silentShare: this.#silentShare(frameLevels),
      onsetStrength: this.#reduce('ReduceMean', onsets, this.#axis0, true),
      beatStrength: this.#beatStrength(onsets),
      bassShare: this.#energyShare(spectrum, 'bass', (hz) => hz < BASS_HZ),
      trebleShare: this.#energyShare(spectrum, 'treble', (hz) => hz > TREBLE_HZ),
      flatness: this.#flatness(spectrum),
    };
    return [
      // Without its mean the profile tells colour from loudness.
      this.#graph.node('Sub', [bandLevels, this.#reduce('ReduceMean', bandLevels, this.#axis0, true)]),
      this.#standardDeviation(bands, this.#axis1),
      ...draftSummaryFeatures.map((name) => summary[name]),
    ];
  }

  /** Hann-windowed power spectra as one strided convolution; a full-scale sine sums to about 1. */
  #powerSpectrum(waveform: string): string {
    const graph = this.#graph;
    const channel = graph.node('Unsqueeze', [waveform, this.#axis1]);
    const kernels = graph.floats('stft', [2 * BIN_COUNT, 1, WINDOW_SAMPLES], fourierKernels());
    const half = WINDOW_SAMPLES / 2;
    const transformed = graph.node('Conv', [channel, kernels], {
      attributes: { strides: { ints: [HOP_SAMPLES] }, pads: { ints: [half, half] } },
    });
    const squared = graph.node('Squeeze', [graph.node('Mul', [transformed, transformed]), this.#axis0]);
    graph.node('Split', [squared], {
      attributes: { axis: { int: 0 }, num_outputs: { int: 2 } },
      outputs: ['real_squared', 'imaginary_squared'],
    });
    return graph.node('Add', ['real_squared', 'imaginary_squared']);
  }

  /** Mean rise of the bands from one frame to the next, in dB; the first frame rises from itself. */
  #onsetEnvelope(bands: string): string {
    const graph = this.#graph;
    const slice = (start: number, end: number) =>
      graph.node('Slice', [bands, graph.integers([start]), graph.integers([end]), this.#axis1]);
    const previous = graph.node('Concat', [slice(0, 1), slice(0, -1)], { attributes: { axis: { int: 1 } } });
    const rises = graph.node('Relu', [graph.node('Sub', [bands, previous])]);
    return this.#reduce('ReduceMean', rises, this.#axis0);
  }

  /** The highest autocorrelation of the onsets at a beat's distance, as a share of their energy, from 0. */
  #beatStrength(onsets: string): string {
    const graph = this.#graph;
    const centred = graph.node('Sub', [onsets, this.#reduce('ReduceMean', onsets, this.#axis0, true)]);
    const signal = graph.node('Unsqueeze', [centred, graph.integers([0, 1])]);
    // A convolution in ONNX is a correlation: with itself as the kernel, place n holds lag n.
    const correlation = graph.node('Squeeze', [
      graph.node('Conv', [signal, signal], { attributes: { pads: { ints: [0, LONGEST_BEAT_FRAMES] } } }),
      graph.integers([0, 1]),
    ]);
    const lags = (start: number, end: number) =>
      graph.node('Slice', [correlation, graph.integers([start]), graph.integers([end]), this.#axis0]);
    const strongest = this.#reduce(
      'ReduceMax',
      lags(SHORTEST_BEAT_FRAMES, LONGEST_BEAT_FRAMES + 1),
      this.#axis0,
      true,
    );
    const energy = graph.node('Add', [lags(0, 1), graph.scalar(1e-6)]);
    return graph.node('Relu', [graph.node('Div', [strongest, energy])]);
  }

  /** Share of the frames that are as good as silent. */
  #silentShare(frameLevels: string): string {
    const graph = this.#graph;
    const silent = graph.node('Less', [frameLevels, graph.scalar(SILENCE_DBFS)]);
    const asNumbers = graph.cast(silent, 'F32');
    return this.#reduce('ReduceMean', asNumbers, this.#axis0, true);
  }

  /** Energy of the bins that `isIncluded` names against that of all, in dB. */
  #energyShare(spectrum: string, name: string, isIncluded: (hz: number) => boolean): string {
    const graph = this.#graph;
    const binHz = SAMPLE_RATE_HZ / WINDOW_SAMPLES;
    const mask = Float32Array.from({ length: BIN_COUNT }, (_, bin) => (isIncluded(bin * binHz) ? 1 : 0));
    const masked = graph.node('Mul', [spectrum, graph.floats(`${name}_bins`, [BIN_COUNT], mask)]);
    return this.#decibelRatio(
      this.#reduce('ReduceSum', masked, this.#axis0, true),
      this.#reduce('ReduceSum', spectrum, this.#axis0, true),
    );
  }

  /** Geometric against arithmetic mean of the spectrum, in dB, at most 0. */
  #flatness(spectrum: string): string {
    const geometric = this.#reduce('ReduceMean', this.#decibels(spectrum), this.#axis0, true);
    const arithmetic = this.#decibels(this.#reduce('ReduceMean', spectrum, this.#axis0, true));
    return this.#graph.node('Sub', [geometric, arithmetic]);
  }

  #meanSquare(waveform: string): string {
    const graph = this.#graph;
    const samples = graph.node('Squeeze', [waveform, this.#axis0]);
    return this.#reduce('ReduceMean', graph.node('Mul', [samples, samples]), this.#axis0, true);
  }

  #standardDeviation(value: string, axis: string): string {
    const graph = this.#graph;
    const centred = graph.node('Sub', [value, this.#reduce('ReduceMean', value, axis, true)]);
    const variance = this.#reduce('ReduceMean', graph.node('Mul', [centred, centred]), axis);
    const deviation = graph.node('Sqrt', [variance]);
    return graph.node('Reshape', [deviation, graph.integers([-1])]);
  }

  /** 10 log10 of a power, from -80 dB upwards. */
  #decibels(power: string): string {
    const graph = this.#graph;
    const logarithm = graph.node('Log', [graph.node('Max', [power, graph.scalar(POWER_FLOOR)])]);
    return graph.node('Mul', [logarithm, graph.scalar(10 / Math.LN10)]);
  }

  #decibelRatio(part: string, whole: string): string {
    const graph = this.#graph;
    const ratio = graph.node('Div', [part, graph.node('Add', [whole, graph.scalar(POWER_FLOOR)])]);
    return graph.node('Max', [this.#decibels(ratio), graph.scalar(-60)]);
  }

  #matMul(name: string, weights: Float32Array, shape: readonly number[], value: string): string {
    return this.#graph.node('MatMul', [this.#graph.floats(name, shape, weights), value]);
  }

  #reduce(operator: string, value: string, axes: string, keepsAxis = false): string {
    return this.#graph.node(operator, [value, axes], {
      attributes: { keepdims: { int: keepsAxis ? 1 : 0 } },
    });
  }
}

function melFilters(): Float32Array {
  return melFilterBank(draftBandCount, BIN_COUNT, SAMPLE_RATE_HZ, 40, 11_000);
}

/** Cosines, then sines, of every bin under a Hann window, scaled so that a full-scale sine peaks at power 1. */
function fourierKernels(): Float32Array {
  const kernels = new Float32Array(2 * BIN_COUNT * WINDOW_SAMPLES);
  // A Hann window halves the amplitude, and a real sine splits it between two bins.
  const scale = 4 / WINDOW_SAMPLES;
  for (let bin = 0; bin < BIN_COUNT; bin++) {
    for (let sample = 0; sample < WINDOW_SAMPLES; sample++) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * sample) / WINDOW_SAMPLES);
      // Taking the product modulo the window keeps the angle small and thus exact.
      const angle = (2 * Math.PI * ((bin * sample) % WINDOW_SAMPLES)) / WINDOW_SAMPLES;
      kernels[bin * WINDOW_SAMPLES + sample] = scale * hann * Math.cos(angle);
      kernels[(BIN_COUNT + bin) * WINDOW_SAMPLES + sample] = scale * hann * Math.sin(angle);
    }
  }
  return kernels;
}
