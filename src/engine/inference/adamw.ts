/** AdamW as PyTorch does it, in one pass over a tensor, four values at a time: a small WebAssembly function. */

export interface AdamwSettings {
  learningRate: number;
  weightDecay: number;
  /** Decay rates of the two moments. */
  beta1: number;
  beta2: number;
  /** Added to the denominator. */
  epsilon: number;
}

/** A tensor with what the optimiser keeps beside it; all four lie in the optimiser's memory. */
export interface AdamwTensor {
  values: Float32Array<ArrayBuffer>;
  first: Float32Array<ArrayBuffer>;
  second: Float32Array<ArrayBuffer>;
  gradient: Float32Array<ArrayBuffer>;
}

/** What is needed of it here; Node's types leave it out. */
declare const WebAssembly: {
  Memory: new (description: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Step = (...pointersAndNumbers: number[]) => void;

const pageBytes = 65_536;
/** A vector of four float32. */
const vectorBytes = 16;

export class Adamw {
  readonly #memory: { readonly buffer: ArrayBuffer };
  readonly #step: Step;
  #used = 0;

  /** @param lengths of the tensors that will be made, each once */
  constructor(lengths: readonly number[]) {
    const bytes = lengths.reduce((sum, length) => sum + 4 * paddedBytes(length), 0);
    this.#memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / pageBytes)) });
    const module = new WebAssembly.Module(stepModule());
    const instance = new WebAssembly.Instance(module, { engine: { memory: this.#memory } });
    this.#step = instance.exports['step'] as Step;
  }

  /** Copies a tensor and its moments in; the gradient is zero until it is written. */
  add(values: Float32Array, first: Float32Array, second: Float32Array): AdamwTensor {
    return {
      values: this.#allocate(values),
      first: this.#allocate(first),
      second: this.#allocate(second),
      gradient: this.#allocate(new Float32Array(values.length)),
    };
  }

  /**
   * Changes values and moments in place: decay of the values themselves, then the step along the corrected moments.
   *
   * @param step 1 for the first
   */
  step(
    { values, first, second, gradient }: AdamwTensor,
    { learningRate, weightDecay, beta1, beta2, epsilon }: AdamwSettings,
    step: number,
  ): void {
    this.#step(
      values.byteOffset,
      first.byteOffset,
      second.byteOffset,
      gradient.byteOffset,
      values.byteOffset + paddedBytes(values.length),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      1 - learningRate * weightDecay,
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      epsilon,
    );
  }

  #allocate(values: Float32Array): Float32Array<ArrayBuffer> {
    const place = new Float32Array(this.#memory.buffer, this.#used, values.length);
    this.#used += paddedBytes(values.length);
    place.set(values);
    return place;
  }
}

/** Whole vectors: what lies behind the last value is zero and stays so. */
function paddedBytes(length: number): number {
  return Math.ceil((length * 4) / vectorBytes) * vectorBytes;
}

/** Types and instructions of WebAssembly, by their names in the specification. */
const wasm = {
  i32: 0x7f,
  f32: 0x7d,
  v128: 0x7b,
  loop: [0x03, 0x40],
  end: [0x0b],
  brIf: [0x0d, 0x00],
  i32Ne: [0x47],
  i32Add: [0x6a],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  i32Const: (value: number) => [0x41, value],
  load: [0xfd, 0x00, 0x04, 0x00],
  store: [0xfd, 0x0b, 0x04, 0x00],
  splat: [0xfd, 0x13],
  sqrt: [0xfd, 0xe3, 0x01],
  add: [0xfd, 0xe4, 0x01],
  sub: [0xfd, 0xe5, 0x01],
  mul: [0xfd, 0xe6, 0x01],
  div: [0xfd, 0xe7, 0x01],
} as const;

/**
 * The module with the one function. Parameters are addresses of values, moments and gradient, the end of the values,
 * and the numbers of the step; it goes on a vector at a time until the end.
 */
function stepModule(): Uint8Array<ArrayBuffer> {
  const [values, first, second, gradient, end] = [0, 1, 2, 3, 4];
  const [beta1, fresh1, beta2, fresh2, decay, stepSize, scale, epsilon] = [5, 6, 7, 8, 9, 10, 11, 12];
  const [slope, mean, square] = [13, 14, 15];
  const { get, set, load, store, add, sub, mul, div, sqrt } = wasm;
  const all = (number: number) => [...get(number), ...wasm.splat];
  const advance = (pointer: number) => [
    ...get(pointer),
    ...wasm.i32Const(vectorBytes),
    ...wasm.i32Add,
    ...set(pointer),
  ];
  const body = [
    ...wasm.loop,
    ...[...get(gradient), ...load, ...set(slope)],
    // mean = first × beta1 + slope × (1 − beta1)
    ...[...get(first), ...load, ...all(beta1), ...mul, ...get(slope), ...all(fresh1), ...mul, ...add],
    ...set(mean),
    // square = second × beta2 + slope² × (1 − beta2)
    ...[...get(second), ...load, ...all(beta2), ...mul],
    ...[...get(slope), ...get(slope), ...mul, ...all(fresh2), ...mul, ...add],
    ...set(square),
    ...[...get(first), ...get(mean), ...store],
    ...[...get(second), ...get(square), ...store],
    // values = values × decay − mean × stepSize / (√square × scale + epsilon)
    ...get(values),
    ...[...get(values), ...load, ...all(decay), ...mul],
    ...[...get(mean), ...all(stepSize), ...mul],
    ...[...get(square), ...sqrt, ...all(scale), ...mul, ...all(epsilon), ...add],
    ...[...div, ...sub, ...store],
    ...[values, first, second, gradient].flatMap(advance),
    ...[...get(values), ...get(end), ...wasm.i32Ne, ...wasm.brIf],
    ...wasm.end,
    ...wasm.end,
  ];
  const parameters = [...Array<number>(5).fill(wasm.i32), ...Array<number>(8).fill(wasm.f32)];
  const code = [1, 3, wasm.v128, ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // One type, the imported memory, one function of that type, its export, its code.
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(2, [1, ...name('engine'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('step'), 0x00, 0]),
    ...section(10, [1, ...length(code), ...code]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...length(content), ...content];
}

/** The length of a list in LEB128, two bytes at most. */
function length({ length: count }: readonly number[]): number[] {
  return count < 128 ? [count] : [(count & 0x7f) | 0x80, count >> 7];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}
