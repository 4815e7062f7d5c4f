/** Splits a byte stream into lines with bounded memory. */
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut; nothing that is read from them stands this far right. */
const maxLineCharacters = 16_384;

export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** @param onLine receives each line without its line feed */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    const parts = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = (parts.pop() ?? '').slice(0, maxLineCharacters);
    for (const part of parts) this.#onLine(part.slice(0, maxLineCharacters));
  }

  /** Hands over a last line that no line feed ended. */
  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (last !== '') this.#onLine(last);
  }
}
