/** A log that tests can read. */
import type { Log } from '../../../src/main/log-file.ts';

export class RecordedLog implements Log {
  readonly infos: string[] = [];
  readonly errors: string[] = [];

  info(text: string): void {
    this.infos.push(text);
  }

  error(text: string): void {
    this.errors.push(text);
  }
}
