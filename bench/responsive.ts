/**
 * Measures whether the desktop stays usable: a timer of 60 a second in another process, while the encoder works without
 * a pause, as usual and in quiet mode, beside an idle machine and an encoder of usual priority.
 *
 *     node bench/responsive.ts [--seconds 12] [--json]
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { prepareEncoder } from '../src/engine/models/prepared-encoder.ts';
import type { RunGraph } from '../src/shared/graphs.ts';
import type { Pace } from '../src/shared/pace.ts';
import { quietPace, usualPace } from '../src/shared/pace.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import { randomValues } from './random-weights.ts';
import { median } from './statistics.ts';
import { ensureRandomCheckpoint, reportWriting } from './write-random-checkpoint.ts';

export interface ResponsiveBenchOptions {
  /** How long the timer is watched in each state. */
  seconds: number;
}

export const defaultResponsiveOptions: ResponsiveBenchOptions = { seconds: 12 };

const PERIOD_MS = 1000 / 60;
/** Short clips, so that a state ends soon after its time. */
const CLIP_SAMPLES = 10 * 24_000;

const ticksSchema = z.object({
  /** Places in the rhythm that stayed empty, of all. */
  missed: z.int(),
  slots: z.int(),
  longestLateMs: z.number(),
});
type Ticks = z.infer<typeof ticksSchema>;

interface Measurement extends Ticks {
  name: string;
  /** Time of a clip, null for the idle machine. */
  clipSeconds: number | null;
}

export async function benchResponsive({ seconds }: ResponsiveBenchOptions): Promise<BenchResult> {
  const { folder } = await ensureRandomCheckpoint({ onProgress: reportWriting() });
  const quiet = quietPace(availableParallelism());
  const states: { name: string; pace: Pace | null }[] = [
    { name: 'idle machine', pace: null },
    { name: 'encoder at usual priority', pace: { threads: 0, priority: 0 } },
    { name: 'encoder as the product runs it', pace: usualPace },
    { name: 'encoder in quiet mode', pace: quiet },
  ];
  const measured: Measurement[] = [];
  for (const { name, pace } of states) {
    if (pace === null) measured.push({ name, clipSeconds: null, ...(await watchTimer(seconds)) });
    else measured.push({ name, ...(await measureAtWork(folder, pace, seconds)) });
  }
  return {
    bench: 'responsive',
    machine: await describeMachine(),
    measured: { seconds, states: measured },
    figures: measured.map(({ name, missed, slots, longestLateMs, clipSeconds }) => ({
      name,
      value:
        `${((100 * missed) / slots).toFixed(2)} % of ${slots} missed, at most ${longestLateMs.toFixed(0)} ms late` +
        (clipSeconds === null ? '' : `; ${clipSeconds.toFixed(2)} s a clip`),
    })),
  };
}

async function measureAtWork(folder: string, pace: Pace, seconds: number) {
  const prepared = await prepareEncoder(
    { source: 'folder', id: 'random', folder, weightsFiles: [join(folder, 'model.safetensors')] },
    { cacheFolder: join(folder, 'cache') },
  );
  const inference = new InferenceClient(pace);
  const encoder = {
    key: 'random',
    build: (runGraph: RunGraph) => prepared.buildGraph({ form: 'chunked', precision: 'fp32' }, runGraph),
  };
  try {
    const samples = randomValues('clip', CLIP_SAMPLES);
    await inference.encode(encoder, samples);
    const clips: number[] = [];
    const watched = new AbortController();
    const working = (async () => {
      while (!watched.signal.aborted) clips.push((await inference.encode(encoder, samples)).seconds);
    })();
    const ticks = await watchTimer(seconds);
    watched.abort();
    await working;
    return { ...ticks, clipSeconds: median(clips) };
  } finally {
    await inference.close();
  }
}

/** Runs the timer in a process of its own. */
function watchTimer(seconds: number): Promise<Ticks> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [`--tick=${seconds}`]);
    child.once('message', (message) => {
      resolve(ticksSchema.parse(message));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`The timer's process ended with ${code}.`));
    });
  });
}

/** Ticks 60 times a second, as an animation does, and counts the places in the rhythm that it missed. */
async function tick(seconds: number): Promise<Ticks> {
  await sleep(300);
  const slots = Math.round((seconds * 1000) / PERIOD_MS);
  const isMet = new Uint8Array(slots);
  const startedMs = performance.now();
  let longestLateMs = 0;
  for (let next = 1; next < slots;) {
    const dueMs = startedMs + next * PERIOD_MS;
    await sleep(Math.max(0, dueMs - performance.now()));
    const nowMs = performance.now();
    // A timer may come a fraction of a millisecond early.
    const slot = Math.max(next, Math.floor((nowMs - startedMs) / PERIOD_MS));
    longestLateMs = Math.max(longestLateMs, nowMs - dueMs);
    if (slot < slots) isMet[slot] = 1;
    next = slot + 1;
  }
  const met = isMet.reduce((sum, value) => sum + value, 0);
  return { slots: slots - 1, missed: slots - 1 - met, longestLateMs };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: String(defaultResponsiveOptions.seconds) },
      tick: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.tick !== undefined) {
    process.send?.(await tick(Number(values.tick)));
    process.disconnect();
  } else {
    const seconds = z.coerce.number().min(1).parse(values.seconds);
    printResults([await benchResponsive({ seconds })], values.json);
  }
}
