/** Writes ONNX models: a graph builder over a minimal protobuf encoder for the few messages that ONNX needs. */

/** Element types of ONNX tensors, with the numbers of `TensorProto.DataType`. */
export const onnxTypes = { F32: 1, U8: 2, I8: 3, I32: 6, I64: 7, F16: 10, F64: 11, BF16: 16 } as const;
export type OnnxType = keyof typeof onnxTypes;

/** A dimension: a number, or a name where it is known only at run time. */
export type Dimension = number | string;

export type AttributeValue =
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { text: string }
  | { graph: ProtobufMessage };

export interface NodeOptions {
  attributes?: Record<string, AttributeValue>;
  /** Operator domain; empty for ONNX's own operators. */
  domain?: '' | 'com.microsoft';
  /** How names that are made up for it begin, as profiles show them; the operator by default. */
  stem?: string;
  /** Names of the outputs; one made-up name by default. An empty string leaves an optional output out. */
  outputs?: readonly string[];
}

export interface ExternalData {
  /** File name relative to the folder that the model is loaded with. */
  location: string;
  offset: number;
  byteLength: number;
}

interface GraphValue {
  name: string;
  type: OnnxType;
  shape: readonly Dimension[];
}

/** Collects nodes, weights, inputs and outputs, and serialises them as an ONNX model. */
export class OnnxGraphBuilder {
  readonly #name: string;
  #nodes: ProtobufMessage[] = [];
  readonly #initializers: ProtobufMessage[] = [];
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #usedDomains = new Set<string>();
  #valueCount = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input of the model and returns its name. */
  input(name: string, type: OnnxType, shape: readonly Dimension[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Declares a value made by a node as an output of the model. */
  output(name: string, type: OnnxType, shape: readonly Dimension[]): void {
    this.#outputs.push({ name, type, shape });
  }

  /** Adds a node and returns the name of its first output. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const stem = options.stem ?? operator;
    const outputs = options.outputs ?? [this.#newName(stem)];
    const domain = options.domain ?? '';
    this.#usedDomains.add(domain);
    const message = new ProtobufMessage();
    for (const input of inputs) message.text(1, input);
    for (const output of outputs) message.text(2, output);
    message.text(3, this.#newName(stem)).text(4, operator);
    for (const [name, value] of Object.entries(options.attributes ?? {})) {
      message.message(5, attributeMessage(name, value));
    }
    if (domain !== '') message.text(7, domain);
    this.#nodes.push(message);
    const first = outputs.find((output) => output !== '');
    if (first === undefined) throw new TypeError(`${operator} needs at least one output`);
    return first;
  }

  /**
   * Does the same to each part of a value along its first axis, one after the other, and puts the results together
   * along a new first axis. The body's weights are the graph's own, so a runtime that packs them does it once for all
   * parts.
   *
   * @param value float32, (parts, ...partShape)
   * @param body adds the nodes that make the result, of the part's shape, out of the named part
   */
  scan(value: string, partShape: readonly Dimension[], body: (part: string) => string): string {
    const outside = this.#nodes;
    this.#nodes = [];
    const name = this.#newName('each');
    const part = this.#newName('part');
    const result = body(part);
    const graph = new ProtobufMessage();
    for (const node of this.#nodes) graph.message(1, node);
    graph
      .text(2, name)
      .message(11, valueMessage({ name: part, type: 'F32', shape: partShape }))
      .message(12, valueMessage({ name: result, type: 'F32', shape: partShape }));
    this.#nodes = outside;
    return this.node('Scan', [value], { attributes: { body: { graph }, num_scan_inputs: { int: 1 } } });
  }

  /** Adds a conversion to another element type. @returns the name of the converted value */
  cast(value: string, type: OnnxType): string {
    return this.node('Cast', [value], { attributes: { to: { int: onnxTypes[type] } } });
  }

  /** Adds a weight whose little-endian bytes stand in the model itself. */
  inlineWeight(name: string, type: OnnxType, shape: readonly number[], bytes: Uint8Array): string {
    this.#initializers.push(tensorHeader(name, type, shape).bytes(9, bytes));
    return name;
  }

  /** Adds a weight that lies in a file beside the model, at an offset; nothing is copied. */
  externalWeight(name: string, type: OnnxType, shape: readonly number[], data: ExternalData): string {
    const entry = (key: string, value: string) => new ProtobufMessage().text(1, key).text(2, value);
    this.#initializers.push(
      tensorHeader(name, type, shape)
        .message(13, entry('location', data.location))
        .message(13, entry('offset', String(data.offset)))
        .message(13, entry('length', String(data.byteLength)))
        .integer(14, 1),
    );
    return name;
  }

  /** Adds float32 values as a weight inside the model. */
  floats(name: string, shape: readonly number[], values: Float32Array): string {
    return this.inlineWeight(
      name,
      'F32',
      shape,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  /** Adds one float32 value as a constant without dimensions. */
  scalar(value: number): string {
    return this.floats(this.#newName('scalar'), [], Float32Array.of(value));
  }

  /** Adds a list of int64 values, such as axes or a shape, as a constant. */
  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.inlineWeight(this.#newName('integers'), 'I64', [values.length], new Uint8Array(data.buffer));
  }

  /**
   * The serialised model.
   *
   * @param opsetVersion version of ONNX's own operator set that the nodes were written for
   */
  serialise(opsetVersion: number): Uint8Array<ArrayBuffer> {
    const graph = new ProtobufMessage();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, this.#name);
    for (const initializer of this.#initializers) graph.message(5, initializer);
    for (const input of this.#inputs) graph.message(11, valueMessage(input));
    for (const output of this.#outputs) graph.message(12, valueMessage(output));

    const model = new ProtobufMessage().integer(1, IR_VERSION).text(2, 'banger-scorer').message(7, graph);
    for (const domain of new Set(['', ...this.#usedDomains])) {
      const version = domain === '' ? opsetVersion : 1;
      model.message(8, new ProtobufMessage().text(1, domain).integer(2, version));
    }
    return model.serialise();
  }

  #newName(stem: string): string {
    this.#valueCount += 1;
    return `${stem}_${this.#valueCount}`;
  }
}

/** The IR version that goes with the operator sets used here (ONNX 1.16 and newer read it). */
const IR_VERSION = 10;

/** `AttributeProto.AttributeType` of each kind of value. */
const attributeTypes = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

function attributeMessage(name: string, value: AttributeValue): ProtobufMessage {
  const message = new ProtobufMessage().text(1, name);
  if ('float' in value) return message.float(2, value.float).integer(20, attributeTypes.float);
  if ('int' in value) return message.integer(3, value.int).integer(20, attributeTypes.int);
  if ('text' in value) return message.text(4, value.text).integer(20, attributeTypes.text);
  if ('graph' in value) return message.message(6, value.graph).integer(20, attributeTypes.graph);
  for (const int of value.ints) message.integer(8, int);
  return message.integer(20, attributeTypes.ints);
}

function tensorHeader(name: string, type: OnnxType, shape: readonly number[]): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, onnxTypes[type]).text(8, name);
}

function valueMessage({ name, type, shape }: GraphValue): ProtobufMessage {
  const shapeMessage = new ProtobufMessage();
  for (const size of shape) {
    const dimension = new ProtobufMessage();
    shapeMessage.message(1, typeof size === 'number' ? dimension.integer(1, size) : dimension.text(2, size));
  }
  const tensorType = new ProtobufMessage().integer(1, onnxTypes[type]).message(2, shapeMessage);
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensorType));
}

/** One protobuf message as a list of chunks, so that large weights are copied once, at the very end. */
class ProtobufMessage {
  readonly #chunks: Uint8Array[] = [];
  #byteLength = 0;

  integer(field: number, value: number): this {
    return this.#push(varint(field * 8)).#push(varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(varint(field * 8 + 5)).#push(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#push(varint(field * 8 + 2))
      .#push(varint(value.length))
      .#push(value);
  }

  message(field: number, value: ProtobufMessage): this {
    this.#push(varint(field * 8 + 2)).#push(varint(value.#byteLength));
    for (const chunk of value.#chunks) this.#push(chunk);
    return this;
  }

  serialise(): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(this.#byteLength);
    let offset = 0;
    for (const chunk of this.#chunks) {
      result.set(chunk, offset);
      offset += chunk.length;
    }
    return result;
  }

  #push(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#byteLength += chunk.length;
    return this;
  }
}

/** Base-128 form of an integer; a negative one as its 64-bit two's complement, as protobuf asks. */
function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}
