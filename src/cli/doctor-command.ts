/**
 * `banger doctor`: checks the installation, says what to do about each thing that is missing or old, and shows or
 * measures how fast each execution provider is.
 */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { calibrateEncoder, listCalibrations } from '../engine/calibrate-encoder.ts';
import { checkHealth } from '../engine/check-health.ts';
import { Engine } from '../engine/engine.ts';
import { findEncoder } from '../engine/learn-songs.ts';
import { providerName } from '../shared/calibration-words.ts';
import { BangerError } from '../shared/errors.ts';
import type { HealthCheck } from '../shared/health.ts';
import { describeCalibration } from './calibration-table.ts';
import { exitCodes } from './exit-codes.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { printableText } from './printable-text.ts';
import { startProgressLine } from './progress-line.ts';
import { writeOutput } from './write-output.ts';

const doctorOptionsSchema = z.object({
  library: z.string().optional(),
  ffmpeg: z.string().optional(),
  calibrate: z.boolean().default(false),
  encoder: z.string().optional(),
  format: z.enum(['text', 'json']),
});

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check Node, ffmpeg, ONNX Runtime, models, library and disk, and say what to do.')
    .option('--library <file>', 'library to check (default: your own)')
    .option('--ffmpeg <file>', 'the ffmpeg to check')
    .option('--calibrate', 'first measure every way to run the encoder; takes minutes with MERT')
    .option('--encoder <id|folder>', 'the encoder to measure (default: the one that songs are scored with)')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExit codes: 0 scoring will work, 1 it will not.')
    .action(async (options: unknown) => {
      const { library, ffmpeg, calibrate, encoder, format } = doctorOptionsSchema.parse(options);
      if (encoder !== undefined && !calibrate) {
        throw new BangerError('usage', '“--encoder” names what “--calibrate” measures.', {
          nextStep: `Run “banger doctor --calibrate --encoder ${encoder}”.`,
        });
      }
      const engine = await Engine.open({
        ffmpegPath: ffmpeg,
        ...(library !== undefined && { folders: { libraryFile: library } }),
      });
      try {
        if (calibrate) await withInterruptSignal((signal) => calibrateNamed(engine, encoder, signal));
        const checks = await checkHealth(engine);
        const calibrations = await listCalibrations(engine);
        const text =
          format === 'json'
            ? `${JSON.stringify({ checks, calibrations }, null, 2)}\n`
            : `${describeChecks(checks)}${describeCalibrations(calibrations)}`;
        await writeOutput(text);
        const isBroken = checks.some(({ status }) => status === 'problem');
        process.exitCode = isBroken ? exitCodes.failure : exitCodes.success;
      } finally {
        await engine.close();
      }
    });
}

/** @param id an encoder's id or folder; left out for the one that songs are scored with */
async function calibrateNamed(engine: Engine, id: string | undefined, signal: AbortSignal): Promise<void> {
  const encoder =
    id === undefined
      ? (await engine.chooseModels({}, { signal })).encoder
      : await findEncoder(engine, id, { signal });
  const line = startProgressLine(false);
  try {
    await calibrateEncoder(engine, encoder, {
      signal,
      onProgress: ({ provider, precision, doneCount, totalCount }) => {
        line.show(`Measuring ${doneCount + 1} of ${totalCount}: ${providerName(provider)}, ${precision}`);
      },
    });
  } finally {
    line.end();
  }
}

function describeCalibrations(known: Awaited<ReturnType<typeof listCalibrations>>): string {
  return known
    .map(
      ({ calibration, staleBecause }) => `\n${printableText(describeCalibration(calibration, staleBecause))}`,
    )
    .join('');
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
