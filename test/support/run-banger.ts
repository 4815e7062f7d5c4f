/** Runs the real `banger` command in a home of its own and sees to it that nothing is left behind. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { ordinaryNode, unprivilegedNode } from './as-unprivileged.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import type { LibraryStats } from '../../src/shared/library.ts';
import { songResultSchema, type SongResult } from '../../src/shared/song-result.ts';
import { waitUntil } from './processes.ts';

const entry = join(import.meta.dirname, '..', '..', 'src', 'cli', 'banger.ts');

export interface RunOptions {
  /** Default: the home. */
  cwd?: string;
  /** Variables besides those of the home. */
  env?: Record<string, string>;
  /** Where the standard output goes instead of being kept. */
  stdoutFile?: string;
  /** Gives up root's right to read and write everything. */
  unprivileged?: boolean;
}

export interface BangerRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** The largest part of memory that the command's own process ever held; 0 where the system does not say. */
  peakResidentBytes: number;
}

/** A command that was started and not yet waited for. */
export interface RunningBanger {
  processId: number;
  /** What came on the error output so far. */
  stderr: () => string;
  interrupt: (signal?: NodeJS.Signals) => void;
  /** Closes the reading end of the standard output, as `head` does. */
  stopReading: () => void;
  /** Waits for the end of the command. Fails where a process of it lives on. */
  ended: Promise<BangerRun>;
}

/** An empty home folder: everything that the command keeps by itself lies inside. */
export class BangerHome {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'banger-home-'));
    // The commands that run without rights write here as well.
    chmodSync(this.folder, 0o777);
  }

  /** A path inside the home. */
  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** The library that the command uses when none is named. */
  get libraryFile(): string {
    return this.path('data', 'banger-scorer', 'library.sqlite');
  }

  /** How much the library holds, nothing where there is none yet. */
  count(): Pick<LibraryStats, 'embeddings' | 'scores'> {
    try {
      const library = openLibrary(this.libraryFile, { readOnly: true });
      try {
        return library.stats();
      } finally {
        library.close();
      }
    } catch {
      return { embeddings: 0, scores: 0 };
    }
  }

  /** Runs `banger` with these arguments to its end. */
  run(commandArguments: readonly string[], options: RunOptions = {}): Promise<BangerRun> {
    return this.start(commandArguments, options).ended;
  }

  /** Runs `banger score … --format json`. */
  async score(
    commandArguments: readonly string[],
    options: RunOptions = {},
  ): Promise<BangerRun & { results: SongResult[] }> {
    const run = await this.run(['score', '--format', 'json', ...commandArguments], options);
    return { ...run, results: readResults(run) };
  }

  start(
    commandArguments: readonly string[],
    { cwd, env, stdoutFile, unprivileged }: RunOptions = {},
  ): RunningBanger {
    const { program, leading, account } = unprivileged === true ? unprivilegedNode() : ordinaryNode;
    const output = stdoutFile === undefined ? null : openSync(stdoutFile, 'w');
    const child = spawn(program, [...leading, entry, ...commandArguments], {
      cwd: cwd ?? this.folder,
      env: { ...this.#environment(), ...env },
      stdio: ['ignore', output ?? 'pipe', 'pipe'],
      ...account,
    });
    if (output !== null) closeSync(output);
    const { pid = 0, stdout, stderr } = child;
    const meter = new MemoryMeter(pid);
    const texts = { stdout: '', stderr: '' };
    stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }).then(async (exitCode) => {
      const peakResidentBytes = meter.end();
      await this.#requireNothingLeft();
      return { exitCode, ...texts, peakResidentBytes };
    });
    return {
      processId: pid,
      stderr: () => texts.stderr,
      interrupt: (signal = 'SIGINT') => child.kill(signal),
      stopReading: () => stdout?.destroy(),
      ended,
    };
  }

  /** The processes that were started from this home and still run, as process id and command line. */
  processes(): { processId: number; command: string }[] {
    return processesWith(`BANGER_TEST_HOME=${this.folder}`);
  }

  /** Ends what a failed test left running, and removes the folder. */
  remove(): void {
    for (const { processId } of this.processes()) process.kill(processId, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      HOME: this.folder,
      XDG_DATA_HOME: this.path('data'),
      XDG_CACHE_HOME: this.path('cache'),
      XDG_CONFIG_HOME: this.path('config'),
      HF_HOME: this.path('huggingface'),
      BANGER_TEST_HOME: this.folder,
    };
  }

  /** A process that is being ended may take a moment; one that stays is ended here and fails the test. */
  async #requireNothingLeft(): Promise<void> {
    await waitUntil('all processes have ended', () => this.processes().length === 0, 10).catch(
      () => undefined,
    );
    const left = this.processes();
    if (left.length === 0) return;
    for (const { processId } of left) process.kill(processId, 'SIGKILL');
    throw new Error(`left behind: ${left.map(({ command }) => command).join('; ')}`);
  }
}

/** Call it at the top of a test file: every home that it makes is removed when the file's tests are done. */
export function useBangerHomes(): () => BangerHome {
  const homes: BangerHome[] = [];
  afterAll(() => {
    for (const home of homes) home.remove();
  });
  return () => {
    const home = new BangerHome();
    homes.push(home);
    return home;
  };
}

/** The results on the standard output, their form checked. */
export function readResults({ stdout, stderr }: BangerRun): SongResult[] {
  if (stdout === '') throw new Error(`no results; the error output says: ${stderr}`);
  return z.array(songResultSchema).parse(JSON.parse(stdout));
}

/**
 * An ffmpeg that notes every song it is started on. It takes its time over those whose names begin with `slow`, and
 * never ends on those that begin with `stuck`.
 *
 * @returns the variables that make the command use it, and the songs it was started on so far
 */
export function makeWatchedFfmpeg(home: BangerHome): { env: Record<string, string>; songs: () => string[] } {
  const program = home.path('watched', 'ffmpeg');
  const log = home.path('watched', 'songs');
  mkdirSync(home.path('watched'));
  writeFileSync(log, '');
  writeFileSync(
    program,
    `#!/bin/sh
for argument in "$@"; do
  case "$argument" in
    file:*) echo "\${argument#file:}" >> '${log}' ;;
  esac
  case "$argument" in
    file:slow*) sleep 0.3 ;;
    file:stuck*) sleep 3600 ;;
  esac
done
exec ffmpeg "$@"
`,
  );
  chmodSync(program, 0o755);
  return {
    env: { FFMPEG_PATH: program },
    songs: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
  };
}

/** Asks Linux for the most memory that a process has held, again and again until it ends. */
class MemoryMeter {
  readonly #statusFile: string;
  readonly #timer: NodeJS.Timeout;
  #peakBytes = 0;

  constructor(processId: number) {
    this.#statusFile = `/proc/${processId}/status`;
    this.#timer = setInterval(() => {
      this.#measure();
    }, 25);
  }

  end(): number {
    clearInterval(this.#timer);
    return this.#peakBytes;
  }

  #measure(): void {
    try {
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(this.#statusFile, 'utf8'))?.[1];
      if (kilobytes !== undefined) this.#peakBytes = Number(kilobytes) * 1024;
    } catch {
      // The process has just ended, or this is no Linux.
    }
  }
}

function processesWith(variable: string): { processId: number; command: string }[] {
  return readProcessFolder().flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (!environment.includes(variable)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ processId: Number(name), command }];
    } catch {
      // It ended in this moment, or belongs to somebody else.
      return [];
    }
  });
}

/** The ids of all processes; none where the system has no such folder. */
function readProcessFolder(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}
