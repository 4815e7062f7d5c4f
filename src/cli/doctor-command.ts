/** `banger doctor`: checks the installation and says what to do about each thing that is missing or old. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { checkHealth } from '../engine/check-health.ts';
import { Engine } from '../engine/engine.ts';
import type { HealthCheck } from '../shared/health.ts';
import { exitCodes } from './exit-codes.ts';
import { printableText } from './printable-text.ts';
import { writeOutput } from './write-output.ts';

const doctorOptionsSchema = z.object({
  library: z.string().optional(),
  ffmpeg: z.string().optional(),
  format: z.enum(['text', 'json']),
});

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check Node, ffmpeg, ONNX Runtime, models, library and disk, and say what to do.')
    .option('--library <file>', 'library to check (default: your own)')
    .option('--ffmpeg <file>', 'the ffmpeg to check')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExit codes: 0 scoring will work, 1 it will not.')
    .action(async (options: unknown) => {
      const { library, ffmpeg, format } = doctorOptionsSchema.parse(options);
      const engine = await Engine.open({
        ffmpegPath: ffmpeg,
        ...(library !== undefined && { folders: { libraryFile: library } }),
      });
      try {
        const checks = await checkHealth(engine);
        const text = format === 'json' ? `${JSON.stringify(checks, null, 2)}\n` : describeChecks(checks);
        await writeOutput(text);
        const isBroken = checks.some(({ status }) => status === 'problem');
        process.exitCode = isBroken ? exitCodes.failure : exitCodes.success;
      } finally {
        await engine.close();
      }
    });
}

const marks = { ok: '✓', warning: '!', problem: '✗' } as const;

function describeChecks(checks: readonly HealthCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, found, nextStep }) => [
    `${marks[status]} ${name.padEnd(width)}  ${found}`,
    ...(nextStep === null ? [] : [`  ${' '.repeat(width)}  → ${nextStep}`]),
  ]);
  return printableText(`${lines.join('\n')}\n`);
}
