/** `banger heads`: lists heads with their model cards, compares, exports and removes them. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { ModelChoice } from '../engine/choose-models.ts';
import type { Engine } from '../engine/engine.ts';
import { cardOf, compareHeads, exportNamedHead, listHeads } from '../engine/learn-heads.ts';
import { hasLibrary, requireLibrary } from '../engine/library-commands.ts';
import { forgetHead, useHead } from '../engine/switch-head.ts';
import { formatBytes } from '../shared/format-quantities.ts';
import type { HeadCard } from '../shared/head-card.ts';
import type { HeadComparison } from '../shared/head-comparison.ts';
import { alignColumns } from './align-columns.ts';
import { summariseMetrics } from './evaluation-format.ts';
import { exitCodes } from './exit-codes.ts';
import { parseCount } from './parse-options.ts';
import { printableLine } from './printable-text.ts';
import { startProgressLine } from './progress-line.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const formatOption = () =>
  new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table');
const formatSchema = z.object({ format: z.enum(['table', 'json']) });

export function addHeadsCommand(program: Command): void {
  const heads = program
    .command('heads')
    .description('List heads with what they were trained on, compare, export and remove them.')
    .addHelpText(
      'after',
      `
Examples:
  banger heads list
  banger heads show mine
  banger heads compare banger mine --limit 20     which songs rise and fall
  banger heads use mine                           score with it from now on, in app and page
  banger heads export mine mine.pt                for PyTorch: torch.load("mine.pt", weights_only=True)
  banger score ~/Music/generated --head mine      use one

Scores of every head are kept: going back to another one takes a moment.`,
    );

  heads
    .command('list')
    .description('List the heads that are known.')
    .addOption(formatOption())
    .action(async (options: unknown) => {
      const { format } = formatSchema.parse(options);
      await withEngine(undefined, (engine) => list(engine, format));
    });

  heads
    .command('show')
    .description('Show a head’s own model card.')
    .argument('<head>', 'id of a head, or its file')
    .addOption(formatOption())
    .action(async (head: string, options: unknown) => {
      const { format } = formatSchema.parse(options);
      await withEngine(undefined, (engine) => show(engine, head, format));
    });

  heads
    .command('compare')
    .description('Rank the library’s songs by two heads of one encoder and show whose rank changes most.')
    .argument('<first>', 'id of a head, or its file')
    .argument('<second>', 'id of another')
    .option('--limit <count>', 'songs to show', parseCount, 20)
    .option('--top <count>', 'how many songs from the top to count the shared ones of', parseCount, 20)
    .option('--library <file>', 'library to take songs from (default: your own)')
    .addOption(formatOption())
    .action(async (first: string, second: string, given: unknown) => {
      const options = formatSchema
        .extend({ limit: z.int(), top: z.int(), library: z.string().optional() })
        .parse(given);
      await withEngine(options.library, async (engine, signal) => {
        requireLibrary(engine);
        const request = { first, second, limit: options.limit, topCount: options.top };
        const comparison = await compareHeads(engine, request, { signal });
        await writeOutput(
          options.format === 'json'
            ? `${JSON.stringify(comparison, null, 2)}\n`
            : formatComparison(comparison),
        );
        return comparison.songs > 0 ? exitCodes.success : exitCodes.failure;
      });
    });

  heads
    .command('use')
    .description('Score songs with another head from now on, in the app and the page; known songs at once.')
    .argument('<head>', 'id of a head, or its file')
    .option('--encoder <id|folder>', 'encoder (default: the one that the head was trained on)')
    .option('--library <file>', 'library whose songs are scored (default: your own)')
    .action(async (head: string, given: unknown) => {
      const { encoder, library } = useOptionsSchema.parse(given);
      await withEngine(library, (engine, signal) => use(engine, { head, encoder }, signal));
    });

  heads
    .command('export')
    .description('Write a head as a file of its own, its model card inside.')
    .argument('<head>', 'id of a head, or its file')
    .argument('<file>', 'ends in .pt (PyTorch) or .safetensors')
    .action(async (head: string, file: string) => {
      await withEngine(undefined, async (engine) => {
        await exportNamedHead(engine, head, file);
        await writeOutput(`${printableLine(file)} is written.\n`);
        return exitCodes.success;
      });
    });

  heads
    .command('remove')
    .description('Remove heads that were trained here or imported. Their scores stay in the library.')
    .argument('<id...>', 'ids as “banger heads list” shows them')
    .action(async (ids: string[]) => {
      await withEngine(undefined, async (engine) => {
        for (const id of ids) {
          await requireHead(engine, id);
          const { freedBytes } = await engine.removeModel(id, { includeSharedCache: false });
          await writeOutput(`Removed ${id}: ${formatBytes(freedBytes)} freed.\n`);
          const replacement = hasLibrary(engine) ? await forgetHead(engine, id) : null;
          if (replacement === null) continue;
          await writeOutput(
            `The app scored with ${id}; from now on it scores with ${replacement.head} on ${replacement.encoder}.\n`,
          );
        }
        return exitCodes.success;
      });
    });
}

/** An encoder of that name is not removed by mistake. @throws BangerError `model-missing` */
async function requireHead(engine: Engine, id: string): Promise<void> {
  await engine.models.resolveHead(id);
}

const useOptionsSchema = z.object({ encoder: z.string().optional(), library: z.string().optional() });

async function use(engine: Engine, choice: ModelChoice, signal: AbortSignal): Promise<number> {
  const line = startProgressLine(false);
  try {
    const { encoder, head, rescored } = await useHead(engine, choice, {
      signal,
      onProgress: ({ done, total }) => {
        line.show(`Scoring again: ${done} of ${total} songs`);
      },
    });
    line.end();
    await writeOutput(
      `Songs are scored with ${printableLine(head)} on ${encoder} from now on; ${rescored} known songs were scored at once.
An app that is open takes it over when it is started again.
`,
    );
    return exitCodes.success;
  } finally {
    line.end();
  }
}

async function list(engine: Engine, format: 'table' | 'json'): Promise<number> {
  const heads = await listHeads(engine);
  if (format === 'json') {
    await writeOutput(`${JSON.stringify(heads, null, 2)}\n`);
    return exitCodes.success;
  }
  const rows = heads.map(({ listing, card }) => [
    listing.id,
    listing.state,
    listing.encoderId ?? '–',
    card === null ? '–' : `${card.data.songs} songs, ${card.data.label}`,
    card?.test.mae?.value.toFixed(3) ?? '–',
    card?.test.spearman?.value.toFixed(3) ?? '–',
    card?.createdAt.slice(0, 10) ?? '–',
  ]);
  const header = ['head', 'state', 'encoder', 'trained on', 'test MAE', 'Spearman', 'date'];
  await writeOutput(alignColumns([header, ...rows.map((row) => row.map(printableLine))], 'left'));
  return exitCodes.success;
}

async function show(engine: Engine, head: string, format: 'table' | 'json'): Promise<number> {
  const card = await cardOf(engine, head);
  if (format === 'json') await writeOutput(`${JSON.stringify(card, null, 2)}\n`);
  else if (card === null) await writeOutput('This head has no model card: another program made it.\n');
  else await writeOutput(formatCard(card));
  return exitCodes.success;
}

function formatCard({ name, createdAt, encoder, data, recipe, ...card }: HeadCard): string {
  const rows = [
    ['head', name],
    ['date', createdAt],
    ['encoder', `${encoder.id}, ${encoder.embeddingSize} values, sha256 ${encoder.sha256 ?? 'not known'}`],
    ['data', data.source],
    ['label', `${data.label}, ${data.scale.method}`],
    [
      'songs',
      `${data.songs}: ${data.trainSongs} train, ${data.validationSongs} validation, ${data.testSongs} test`,
    ],
    ['split', data.splitSha256],
    ...data.notes.map((note) => ['note', note]),
    ['widths', recipe.widths.join(', ')],
    ['dropout', recipe.dropout.join(', ')],
    [
      'recipe',
      `AdamW ${recipe.learningRate} / ${recipe.weightDecay}, batch ${recipe.batchSize}, cosine over ${recipe.epochs} epochs, patience ${recipe.patience}, seed ${recipe.seed}`,
    ],
    ['epochs', `${card.epochsRun}, best ${card.bestEpoch}`],
    ['validation', summariseMetrics(card.validation)],
    ['test', summariseMetrics(card.test)],
    ...card.baselines.map((baseline) => [`${baseline.name} alone`, summariseMetrics(baseline.metrics)]),
  ];
  return alignColumns(
    rows.map((row) => row.map(printableLine)),
    'left',
  );
}

function formatComparison(comparison: HeadComparison): string {
  const { first, second, songs, spearman, topCount, sharedTop, rows } = comparison;
  const lines = rows.map((row) => [
    `${row.firstRank}`,
    row.firstScore.toFixed(2),
    `${row.secondRank}`,
    row.secondScore.toFixed(2),
    row.rise > 0 ? `+${row.rise}` : String(row.rise),
    printableLine(row.path ?? row.title),
  ]);
  const agreement = spearman === null ? '–' : spearman.toFixed(3);
  return `${songs} songs by ${first} and ${second}: rank correlation ${agreement}; ${sharedTop} of the first ${topCount} are the same.
${alignColumns([[first, 'score', second, 'score', 'rises', 'song'], ...lines], 'right')}`;
}
