/** The shell's log file: plain lines, one old file kept, nothing sent anywhere. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Log {
  info(text: string): void;
  /** @param thrown whatever was thrown; its stack or record goes along */
  error(text: string, thrown?: unknown): void;
}

const MAXIMUM_BYTES = 1_000_000;

/**
 * Appends to a file, which is made with its folder. Where that fails, as on a full disk, lines go to the error
 * output: an app that cannot log must still run.
 */
export class LogFile implements Log {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  info(text: string): void {
    this.#append('info', text);
  }

  error(text: string, thrown?: unknown): void {
    this.#append('error', thrown === undefined ? text : `${text}: ${describe(thrown)}`);
  }

  #append(level: string, text: string): void {
    const line = `${new Date().toISOString()} ${level} ${text.replaceAll('\n', '\n  ')}\n`;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      this.#makeRoom();
      appendFileSync(this.file, line, { mode: 0o600 });
    } catch (thrown) {
      process.stderr.write(`${line}The log file cannot be written: ${String(thrown)}\n`);
    }
  }

  #makeRoom(): void {
    const size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAXIMUM_BYTES) renameSync(this.file, `${this.file}.old`);
  }
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : JSON.stringify(thrown);
  const { details } = thrown as { details?: unknown };
  const text = thrown.stack ?? String(thrown);
  return typeof details === 'string' ? `${text}\n${details}` : text;
}
