/** A screen in memory (Xvfb) for machines that have none, one for each worker, gone with it. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

let starting: Promise<string> | null = null;

/** The `DISPLAY` to use, undefined where the system needs no such name. */
export function ensureDisplay(): Promise<string | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(undefined);
  if (process.env['DISPLAY'] !== undefined) return Promise.resolve(process.env['DISPLAY']);
  starting ??= startXvfb();
  return starting;
}

function startXvfb(): Promise<string> {
  return new Promise((resolve, reject) => {
    const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    xvfb.unref();
    process.once('exit', () => xvfb.kill());
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => {
      reject(new Error(`Xvfb ended with code ${code ?? 'unknown'}; Debian: apt-get install xvfb`));
    });
    // It writes the number of the screen that it found free.
    const numbers = xvfb.stdio[3] as Readable;
    numbers.once('data', (text: Buffer) => {
      resolve(`:${text.toString().trim()}`);
    });
  });
}
