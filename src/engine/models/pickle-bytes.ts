/** Reads the operands of pickle opcodes from bytes, never past their end. */
import { corruptCheckpoint } from './checkpoint-errors.ts';

const newline = 0x0a;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export class PickleBytes {
  readonly #file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A 64-bit length; absurd ones become a number that no later read can satisfy. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Big-endian, alone among pickle's numbers. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  skip(byteLength: number): void {
    this.#advance(byteLength);
  }

  text(byteLength: number): string {
    const start = this.#advance(byteLength);
    return this.#decode(this.#bytes.subarray(start, start + byteLength));
  }

  /** Text up to a newline, which is consumed. */
  line(): string {
    const end = this.#bytes.indexOf(newline, this.#position);
    if (end === -1) throw this.#endedEarly();
    const text = this.text(end - this.#position);
    this.skip(1);
    return text;
  }

  /** A two's complement integer of any width: a number where that is exact, else a bigint. */
  integer(byteLength: number): number | bigint {
    const start = this.#advance(byteLength);
    let value = 0n;
    for (const byte of this.#bytes.subarray(start, start + byteLength).toReversed()) {
      value = (value << 8n) | BigInt(byte);
    }
    const signed = BigInt.asIntN(byteLength * 8, value);
    const exact = Number(signed);
    return Number.isSafeInteger(exact) ? exact : signed;
  }

  #advance(byteLength: number): number {
    const start = this.#position;
    if (byteLength > this.#bytes.byteLength - start) throw this.#endedEarly();
    this.#position = start + byteLength;
    return start;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw corruptCheckpoint(this.#file, 'text in its pickle is not UTF-8', error);
    }
  }

  #endedEarly(): Error {
    return corruptCheckpoint(this.#file, 'its pickle ends too early');
  }
}
