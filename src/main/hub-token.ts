/**
 * The Hugging Face token, kept in a file that only the system's key store can read. Where there is none, the token
 * lives as long as the app: it is never written in plain text.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';
import type { Log } from './log-file.ts';

export type TokenCipher = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

export interface HubTokenOptions {
  file: string;
  cipher: TokenCipher;
  platform: NodeJS.Platform;
  log: Log;
}

export class HubToken {
  readonly #options: HubTokenOptions;
  #token: string | null = null;
  /** The key store refused a token in this run. */
  #hasFailed = false;

  constructor(options: HubTokenOptions) {
    this.#options = options;
  }

  get token(): string | null {
    return this.#token;
  }

  /** Reads what an earlier run kept. The system may ask the person first, so nothing should wait for it. */
  async load(): Promise<void> {
    const { file, cipher, log } = this.#options;
    // Without a token of ours the key store is left alone.
    if (!existsSync(file)) return;
    try {
      const { result } = await cipher.decryptStringAsync(readFileSync(file));
      this.#token ??= result;
    } catch (thrown) {
      log.error('The kept token cannot be read any more', thrown);
    }
  }

  /** Whether a token outlives this run. */
  async isKept(): Promise<boolean> {
    const { cipher, platform } = this.#options;
    if (this.#hasFailed) return false;
    // macOS and Windows have a key store always; asking could already make macOS ask the person.
    if (platform === 'darwin' || platform === 'win32') return true;
    // Without a key ring, Electron on Linux would encrypt with a key that everyone knows.
    const hasKeyRing = !['basic_text', 'unknown'].includes(cipher.getSelectedStorageBackend());
    return hasKeyRing && (await cipher.isAsyncEncryptionAvailable());
  }

  /** @param token null forgets it */
  async keep(token: string | null): Promise<void> {
    const { file, cipher, log } = this.#options;
    this.#token = token;
    // Whatever happens next, an earlier token is not to come back.
    rmSync(file, { force: true });
    if (token === null || !(await this.isKept())) return;
    try {
      const encrypted = await cipher.encryptStringAsync(token);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, encrypted, { mode: 0o600 });
    } catch (thrown) {
      this.#hasFailed = true;
      log.error('The token cannot be kept and is used for this run alone', thrown);
    }
  }
}
