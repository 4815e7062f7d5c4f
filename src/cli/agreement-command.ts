/** `banger models agreement`: how far a faster precision ranks the library's songs as fp32 does, kept or measured now. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { keepAgreement, readAgreements } from '../engine/agreement-keeper.ts';
import { Engine } from '../engine/engine.ts';
import { measureAgreement } from '../engine/measure-agreement.ts';
import { BangerError } from '../shared/errors.ts';
import type { Precision } from '../shared/library.ts';
import { precisions, precisionSchema } from '../shared/library.ts';
import type { Agreement } from '../shared/precision-commands.ts';
import { describeAgreement } from '../shared/precision-words.ts';

import { withInterruptSignal } from './interrupt-signal.ts';
import { printableLine } from './printable-text.ts';
import { startProgressLine } from './progress-line.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  encoder: z.string().optional(),
  head: z.string().optional(),
  provider: z.string().optional(),
  library: z.string().optional(),
  format: z.enum(['text', 'json']),
});
type Options = z.infer<typeof optionsSchema>;

/** Adds the command below `banger models`. */
export function addAgreementCommand(models: Command): void {
  models
    .command('agreement')
    .description('Show how far faster precisions rank your songs as fp32 does, or measure one now.')
    .argument('[precision]', 'measure this one anew on songs of the library: int8, fp16')
    .option('--encoder <id|folder>', 'encoder (default: MERT where it is installed)')
    .option('--head <id|file>', 'head that goes with it')
    .option('--provider <name>', 'execution provider of ONNX Runtime (default: cpu)')
    .option('--library <file>', 'library whose songs are compared (default: your own)')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nfp32 is the reference; int8 runs on processors, fp16 on graphics cards.')
    .action(async (precision: string | undefined, given: unknown) => {
      const options = optionsSchema.parse(given);
      await withInterruptSignal((signal) => run(precision, options, signal));
    });
}

async function run(precision: string | undefined, options: Options, signal: AbortSignal): Promise<void> {
  const engine = await Engine.open({
    provider: options.provider,
    ...(options.library !== undefined && { folders: { libraryFile: options.library } }),
  });
  try {
    await engine.requireProvider();
    if (precision !== undefined) await measure(engine, parsePrecision(precision), options, signal);
    await writeOutput(formatAgreements(readAgreements(engine.library), options.format));
  } finally {
    await engine.close();
  }
}

async function measure(
  engine: Engine,
  precision: Precision,
  choice: Options,
  signal: AbortSignal,
): Promise<void> {
  const models = await engine.chooseModels(choice, { signal });
  const line = startProgressLine(false);
  try {
    const agreement = await measureAgreement(engine, models, {
      precision,
      signal,
      onProgress: ({ done, total }) => {
        line.show(`Comparing ${precision} with fp32: ${done} of ${total} encodings`);
      },
    });
    keepAgreement(engine.library, agreement);
  } finally {
    line.end();
  }
}

/** @throws BangerError `usage` through `measureAgreement` for one that cannot be measured here */
function parsePrecision(text: string): Precision {
  const parsed = precisionSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new BangerError('usage', `There is no precision “${text}”.`, {
    nextStep: `Choose one of: ${precisions.slice(1).join(', ')}.`,
  });
}

function formatAgreements(agreements: readonly Agreement[], format: Options['format']): string {
  if (format === 'json') return `${JSON.stringify(agreements, null, 2)}\n`;
  if (agreements.length === 0)
    return 'No precision was compared with fp32 yet: banger models agreement int8\n';
  const lines = agreements.map((agreement) => {
    const { encoder, precision, provider, measuredAtMs } = agreement;
    const on = new Date(measuredAtMs).toISOString().slice(0, 10);
    return printableLine(`${encoder}, ${precision} on ${provider}, ${on}: ${describeAgreement(agreement)}`);
  });
  return `${lines.join('\n')}\n`;
}
