/**
 * Measures what watching costs while nothing happens: a process that watches very many songs, against a bare one and
 * against one whole core.
 *
 *     node bench/watch-idle.ts [--files 10000] [--folders 100] [--seconds 60] [--json]
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FolderWatcher } from '../src/engine/watch/folder-watcher.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';

export interface WatchIdleOptions {
  files: number;
  /** Over how many folders the files are spread. */
  folders: number;
  /** How long the idle process is observed; a rescan every five minutes is added in proportion. */
  seconds: number;
}

export const defaultWatchIdleOptions: WatchIdleOptions = { files: 10_000, folders: 100, seconds: 60 };

/** The time between two rescans in the product. */
const RESCAN_SECONDS = 300;

const measurementSchema = z.object({
  residentBytes: z.number(),
  /** Share of one core while idle. */
  idleShare: z.number(),
  /** Processor time of one look through all folders. */
  rescanSeconds: z.number(),
});
type Measurement = z.infer<typeof measurementSchema>;

/** Observes a process that watches and one that does not, one after the other. */
export async function benchWatchIdle({ files, folders, seconds }: WatchIdleOptions): Promise<BenchResult> {
  const root = mkdtempSync(join(tmpdir(), 'banger-bench-'));
  try {
    for (let folder = 0; folder < folders; folder += 1) mkdirSync(join(root, `batch-${folder}`));
    for (let file = 0; file < files; file += 1) {
      writeFileSync(join(root, `batch-${file % folders}`, `song-${file}.wav`), 'la');
    }
    const bare = await measureChild(null, seconds);
    const watching = await measureChild(root, seconds);
    const share = watching.idleShare + watching.rescanSeconds / RESCAN_SECONDS;
    const extraBytes = watching.residentBytes - bare.residentBytes;
    return {
      bench: 'watch-idle',
      machine: await describeMachine(),
      measured: { files, folders, seconds, bare, watching, share, extraBytes },
      figures: [
        { name: 'idle songs', value: `${files} in ${folders} folders, observed for ${seconds} s` },
        { name: 'processor', value: `${percent(share)} of one core, rescans included (target 1 %)` },
        {
          name: '  while nothing happens',
          value: `${percent(watching.idleShare)} (bare ${percent(bare.idleShare)})`,
        },
        { name: '  one rescan', value: `${watching.rescanSeconds.toFixed(2)} s every ${RESCAN_SECONDS} s` },
        {
          name: 'memory beyond a bare process',
          value: `${(extraBytes / 1e6).toFixed(0)} MB (target 150 MB)`,
        },
        {
          name: '  to the bare process',
          value: `${(watching.residentBytes / bare.residentBytes).toFixed(2)}x`,
        },
      ],
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`;
}

/** @param root the folder to watch, null for a bare process */
function measureChild(root: string | null, seconds: number): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [
      root === null ? '--bare' : `--watch=${root}`,
      `--seconds=${seconds}`,
    ]);
    child.once('message', (message) => {
      resolve(measurementSchema.parse(message));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The measured process ended with ${code}.`));
    });
  });
}

async function measureHere(root: string | null, seconds: number): Promise<Measurement> {
  const watcher = new FolderWatcher({ isAudioFile: (path) => Promise.resolve(path.endsWith('.wav')) });
  let rescanSeconds = 0;
  if (root !== null) {
    watcher.addFolder(root);
    await watcher.whenSettled();
    const before = process.cpuUsage();
    await watcher.rescan();
    rescanSeconds = secondsSince(before);
  }
  // What the scans left to collect counts as memory too, but not as idle work.
  await sleep(2000);
  const before = process.cpuUsage();
  await sleep(seconds * 1000);
  const idleShare = secondsSince(before) / seconds;
  const residentBytes = process.memoryUsage.rss();
  await watcher.close();
  return { residentBytes, idleShare, rescanSeconds };
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: String(defaultWatchIdleOptions.files) },
      folders: { type: 'string', default: String(defaultWatchIdleOptions.folders) },
      seconds: { type: 'string', default: String(defaultWatchIdleOptions.seconds) },
      json: { type: 'boolean', default: false },
      bare: { type: 'boolean', default: false },
      watch: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds);
  if (values.bare || values.watch !== undefined) {
    const measured = await measureHere(values.watch ?? null, seconds);
    process.send?.(measured);
    process.disconnect();
  } else {
    const files = Number(values.files);
    const result = await benchWatchIdle({ files, folders: Number(values.folders), seconds });
    printResults([result], values.json);
  }
}
