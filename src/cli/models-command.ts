/** `banger models`: lists, downloads, imports and removes encoders and heads. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { Engine } from '../engine/engine.ts';
import type { PullPlan, TransferProgress } from '../engine/engine.ts';
import { BangerError } from '../shared/errors.ts';
import { formatBytes, formatDuration } from '../shared/format-quantities.ts';
import type { ModelListing } from '../shared/model-commands.ts';
import { addAgreementCommand } from './agreement-command.ts';
import { alignColumns } from './align-columns.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { progressBar, startProgressLine } from './progress-line.ts';
import { writeOutput } from './write-output.ts';

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('List, download, import and remove encoders and heads.')
    .addHelpText(
      'after',
      `
Examples:
  banger models list
  banger models pull mert-v1-330m banger      download MERT and its head; shows size and licence, asks first
  banger models import ~/models/MERT-v1-330M  take a checkpoint’s folder from disk
  banger models import scorer_model.pt --encoder mert-v1-330m
  banger models agreement int8                how far int8 ranks your songs as fp32 does`,
    );

  models
    .command('list')
    .description('List what is known and what is installed.')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'),
    )
    .action(async (options: unknown) => {
      const { format } = z.object({ format: z.enum(['table', 'json']) }).parse(options);
      await withEngine((engine) => listModels(engine, format));
    });

  models
    .command('pull')
    .description('Download models from the Hugging Face Hub into the cache that all its tools share.')
    .argument('<id...>', 'mert-v1-330m, mert-v1-95m, banger')
    .option('-y, --yes', 'accept licence and size without being asked')
    .action(async (ids: string[], options: unknown) => {
      const { yes } = z.object({ yes: z.boolean().default(false) }).parse(options);
      await withEngine((engine, signal) => pullModels(engine, ids, yes, signal));
    });

  models
    .command('import')
    .description('Take an encoder’s folder or a head’s file from disk.')
    .argument('<folder|file>', 'folder with config.json and weights, or a head’s state dict')
    .option('--id <id>', 'name to give it')
    .option('--encoder <id>', 'for a head: the encoder that it was trained on')
    .option('--reference', 'leave the files where they are and remember the path alone')
    .action(async (path: string, options: unknown) => {
      await withEngine((engine, signal) =>
        importModel(engine, path, importOptionsSchema.parse(options), signal),
      );
    });

  models
    .command('remove')
    .description('Remove an imported or downloaded model, or converted weights, from this machine.')
    .argument('<id...>', 'ids as “banger models list” shows them')
    .option('--shared-cache', 'also delete what other Hugging Face tools on this machine share')
    .action(async (ids: string[], options: unknown) => {
      const { sharedCache } = z.object({ sharedCache: z.boolean().default(false) }).parse(options);
      await withEngine(async (engine) => {
        for (const id of ids) {
          const { freedBytes } = await engine.removeModel(id, { includeSharedCache: sharedCache });
          await writeOutput(`Removed ${id}: ${formatBytes(freedBytes)} freed.\n`);
        }
      });
    });
  addAgreementCommand(models);
}

const importOptionsSchema = z.object({
  id: z.string().optional(),
  encoder: z.string().optional(),
  reference: z.boolean().default(false),
});

async function withEngine(work: (engine: Engine, signal: AbortSignal) => Promise<void>): Promise<void> {
  await withInterruptSignal(async (signal) => {
    const engine = await Engine.open();
    try {
      await work(engine, signal);
    } finally {
      await engine.close();
    }
  });
}

async function listModels(engine: Engine, format: 'table' | 'json'): Promise<void> {
  const listings = await engine.models.listModels();
  const converted = await engine.listConvertedWeights();
  if (format === 'json') {
    await writeOutput(`${JSON.stringify({ models: listings, convertedWeights: converted }, null, 2)}\n`);
    return;
  }
  const rows = listings.map((model) => [
    model.kind,
    model.id,
    model.state,
    sizeOf(model),
    printableLine(describeListing(model)),
  ]);
  await writeOutput(alignColumns([['kind', 'id', 'state', 'size', 'about'], ...rows], 'left'));
  if (converted.length > 0) {
    const weights = converted.map(({ key, sizeBytes }) => [key, formatBytes(sizeBytes)]);
    await writeOutput(`\nConverted weights, made again when needed:\n${alignColumns(weights, 'left')}`);
  }
}

function sizeOf({ bytes, downloadBytes }: ModelListing): string {
  if (bytes > 0) return formatBytes(bytes);
  return downloadBytes === null ? '–' : `~${formatBytes(downloadBytes)}`;
}

function describeListing({ title, licence, location, problem }: ModelListing): string {
  const parts = [title, licence && `licence ${licence.name}`, location, problem?.message];
  return parts.filter((part) => typeof part === 'string').join(' · ');
}

async function pullModels(
  engine: Engine,
  ids: readonly string[],
  isAccepted: boolean,
  signal: AbortSignal,
): Promise<void> {
  const plans: PullPlan[] = [];
  for (const id of ids) plans.push(await engine.planPull(id, signal));
  for (const plan of plans) printNote(describePlan(plan));
  const toLoad = plans.filter(({ remainingBytes }) => remainingBytes > 0);
  if (toLoad.length > 0 && !isAccepted) await askForConsent(signal);

  for (const plan of plans) {
    const line = startProgressLine(false);
    try {
      const { folder } = await engine.pullModel(plan, {
        signal,
        onProgress: (progress) => {
          line.show(describeTransfer(plan.id, progress));
        },
      });
      line.end();
      await writeOutput(`${printableLine(`${plan.id} is installed: ${folder}`)}\n`);
    } finally {
      line.end();
    }
  }
}

function describePlan({
  id,
  page,
  remainingBytes,
  totalBytes,
  licence,
  licenceOnCard,
  destination,
}: PullPlan): string {
  const size =
    remainingBytes === 0
      ? 'already here'
      : `${formatBytes(remainingBytes)} to download${remainingBytes < totalBytes ? ` of ${formatBytes(totalBytes)}` : ''}`;
  return [
    `${id} from ${page}: ${size}`,
    `  licence: ${licenceOnCard ?? licence.name} (${licence.url})`,
    `  ${licence.note}`,
    `  goes to ${destination}`,
  ].join('\n');
}

async function askForConsent(signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new BangerError('usage', 'Nobody is there to accept the licence and the size.', {
      nextStep: 'Repeat the command with --yes if you accept them.',
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question('Accept the licence and download? [y/N] ', { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    prompt.close();
  }
  throw new BangerError('cancelled', 'Nothing was downloaded.');
}

function describeTransfer(id: string, progress: TransferProgress): string {
  const { receivedBytes, totalBytes, bytesPerSecond, etaSeconds } = progress;
  const speed = bytesPerSecond === null ? '' : ` · ${formatBytes(bytesPerSecond)}/s`;
  const eta = etaSeconds === null ? '' : ` · ${formatDuration(etaSeconds)} left`;
  const share = totalBytes === 0 ? 1 : receivedBytes / totalBytes;
  return `${progressBar(share)} ${id} ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}${speed}${eta}`;
}

async function importModel(
  engine: Engine,
  path: string,
  options: z.infer<typeof importOptionsSchema>,
  signal: AbortSignal,
): Promise<void> {
  const line = startProgressLine(false);
  try {
    const model = await engine.models.importModel(path, {
      id: options.id,
      encoderId: options.encoder,
      copy: !options.reference,
      signal,
      onProgress: (progress) => {
        line.show(describeTransfer('import', progress));
      },
    });
    line.end();
    const use = model.kind === 'encoder' ? '--encoder' : '--head';
    await writeOutput(`Imported the ${model.kind} “${model.id}”. Use it with ${use} ${model.id}\n`);
  } finally {
    line.end();
  }
}
