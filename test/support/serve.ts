/**
 * Starts the real `banger serve` as a process in a home of its own. It needs nothing of the test runner, so that both
 * runners can use it: `const page = await startServe({ folders: [realSongFolder] })`, then `page.address`, then
 * `await page.stop()`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface ServeOptions {
  /** Folders to watch from the start. */
  folders?: readonly string[];
  /** More of the command line, such as `['--allow', folder]`. */
  arguments?: readonly string[];
  env?: Record<string, string>;
  /** A home that is kept after the end, to start again in; a fresh one is removed. */
  home?: string;
  /** Where the built page lies, `out/renderer` unless told. */
  pageFolder?: string;
  /** `dist/`, as an installed `banger` runs, instead of the source. */
  isBuilt?: boolean;
}

export interface ServeEnd {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface RunningServe {
  /** Opens the page once: a browser that visits it is in. */
  address: string;
  /** Such as `http://127.0.0.1:41234`. */
  origin: string;
  home: string;
  processId: number;
  stderr(): string;
  /** Another address, as a person gets one by pressing Enter. */
  newAddress(): Promise<string>;
  /** What a browser would send after it came in by the address: the value of a `Cookie` header. */
  enter(address?: string): Promise<string>;
  /** Ends it like Ctrl-C, or by another signal, and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<ServeEnd>;
}

/** Resolves when the server listens. @throws Error with its error output where it ends instead */
export async function startServe(options: ServeOptions = {}): Promise<RunningServe> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'banger-serve-'));
  const entry = options.isBuilt === true ? join('bin', 'banger.js') : join('src', 'cli', 'banger.ts');
  const child = spawn(
    join(root, 'node_modules', '.bin', 'node'),
    [
      join(root, entry),
      'serve',
      '--no-open',
      '--settle',
      '0.2',
      ...(options.folders ?? []),
      ...(options.arguments ?? []),
    ],
    {
      cwd: home,
      env: {
        PATH: process.env['PATH'] ?? '',
        LANG: 'C.UTF-8',
        HOME: home,
        XDG_DATA_HOME: join(home, 'data'),
        XDG_CACHE_HOME: join(home, 'cache'),
        XDG_CONFIG_HOME: join(home, 'config'),
        HF_HOME: join(home, 'huggingface'),
        ...(options.pageFolder !== undefined && { BANGER_PAGE_FOLDER: options.pageFolder }),
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<ServeEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, ...texts });
    });
  });

  /** The whole lines that were printed so far. */
  const lines = () => texts.stdout.split('\n').slice(0, -1);
  const printed = (count: number) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines()[count - 1];
        if (line === undefined) return;
        child.stdout.off('data', look);
        resolve(line);
      };
      child.stdout.on('data', look);
      look();
      ended.then(
        ({ exitCode, stderr }) => {
          reject(new Error(`banger serve ended with ${String(exitCode)}: ${stderr}`));
        },
        (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });

  const address = await printed(1);
  const { origin } = new URL(address);
  return {
    address,
    origin,
    home,
    processId: child.pid ?? 0,
    stderr: () => texts.stderr,
    newAddress: () => {
      const count = lines().length + 1;
      child.stdin.write('\n');
      return printed(count);
    },
    enter: (usedAddress = address) => enter(usedAddress),
    stop: async (signal = 'SIGINT') => {
      child.kill(signal);
      const end = await ended;
      if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 3 });
      return end;
    },
  };
}

/** Does what the page at the address does: exchanges its token for a session. @throws Error when it opens nothing */
export async function enter(address: string): Promise<string> {
  const { origin, hash } = new URL(address);
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  const answer = await fetch(`${origin}/enter`, {
    method: 'POST',
    headers: { Origin: origin, 'banger-token': token },
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`the address opened nothing: ${answer.status}`);
  return cookie;
}
