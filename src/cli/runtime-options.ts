/** The options that say how the encoder runs: by which provider, how exactly, and how hard it works the machine. */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { EngineOptions } from '../engine/engine.ts';
import { precisions, precisionSchema } from '../shared/library.ts';
import { quietPace, usualPace } from '../shared/pace.ts';
import { parseCount } from './parse-options.ts';

/** What `addRuntimeOptions` adds, once it is parsed. */
export const runtimeOptionsSchema = z.object({
  provider: z.string().optional(),
  precision: precisionSchema.optional(),
  threads: z.int().max(1024).optional(),
  quietMode: z.boolean().default(false),
});
export type RuntimeOptions = z.infer<typeof runtimeOptionsSchema>;

/** Adds the options to a command. */
export function addRuntimeOptions(command: Command): Command {
  return command
    .option('--provider <name>', 'execution provider of ONNX Runtime (default: cpu)')
    .addOption(
      new Option(
        '--precision <precision>',
        'fp32, the reference; int8 is mostly faster on processors, fp16 on graphics cards (default: fp32)',
      ).choices(precisions),
    )
    .option('--threads <count>', 'threads of the encoder (default: one for each core)', parseCount)
    .option('--quiet-mode', 'leave the machine to others: half of the cores, at the lowest priority');
}

/** What the options mean for the engine. */
export function engineRuntime({
  provider,
  precision,
  threads,
  quietMode,
}: RuntimeOptions): Pick<EngineOptions, 'provider' | 'precision' | 'pace'> {
  const pace = quietMode ? quietPace(availableParallelism()) : usualPace;
  return { provider, precision, pace: { ...pace, threads: threads ?? pace.threads } };
}

/** `98.6 %` */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
