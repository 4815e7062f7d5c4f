/** `banger train`: trains a head on labelled songs and puts it into the list of heads. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { exportNamedHead } from '../engine/learn-heads.ts';
import { trainNamedHead } from '../engine/learn-songs.ts';
import { BangerError, hasErrorCode } from '../shared/errors.ts';
import { fewSongs } from '../shared/learn-commands.ts';
import { referenceRecipe } from '../shared/training-recipe.ts';
import { addSourceOptions, dataSourceOf } from './data-source-options.ts';
import { formatEvaluation, summariseMetrics } from './evaluation-format.ts';
import { exitCodes } from './exit-codes.ts';
import { describeEmbedding, describeEpoch, FailureNotes } from './learn-progress.ts';
import { printNote } from './print-error.ts';
import { startProgressLine } from './progress-line.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

/** Of the recipe's own limits the recipe itself tells. */
const recipeOptionsSchema = z.object({
  widths: z.array(z.number()).optional(),
  dropout: z.array(z.number()).optional(),
  epochs: z.number().optional(),
  batchSize: z.number().optional(),
  learningRate: z.number().optional(),
  weightDecay: z.number().optional(),
  beta1: z.number().optional(),
  beta2: z.number().optional(),
  epsilon: z.number().optional(),
  patience: z.number().optional(),
  seed: z.number().optional(),
  heldOutShare: z.number().optional(),
  testShare: z.number().optional(),
  splitSeed: z.number().optional(),
});

const optionsSchema = z.object({
  encoder: z.string().optional(),
  out: z.string().optional(),
  library: z.string().optional(),
  format: z.enum(['text', 'json']),
  quiet: z.boolean().default(false),
});

export function addTrainCommand(program: Command): void {
  const { widths, dropout, ...numbers } = referenceRecipe;
  const command = program
    .command('train')
    .description('Train a head on labelled songs, as the model card’s was trained.')
    .argument('<name>', 'what the head is called from now on');
  addSourceOptions(command)
    .option('--encoder <id|folder>', 'encoder (default: mert-v1-330m; an embedding folder names its own)')
    .option('--out <file>', 'also write the head to this .pt or .safetensors file')
    .option('--widths <list>', `widths of the hidden layers (default: ${widths.join(',')})`, parseNumbers)
    .option(
      '--dropout <list>',
      `dropout after each hidden layer (default: ${dropout.join(',')})`,
      parseNumbers,
    );
  for (const [name, described] of Object.entries(numberOptions)) {
    const value = numbers[name as keyof typeof numberOptions];
    command.option(`--${dashed(name)} <number>`, `${described} (default: ${value})`, parseNumber);
  }
  command
    .option('--library <file>', 'library to look embeddings up in and keep them (default: your own)')
    .addOption(
      new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'),
    )
    .option('-q, --quiet', 'no progress and no notes, report and errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger train fma --embeddings embeddings
  banger train fma --csv fma_metadata/tracks.csv --audio fma_small
  banger train mine --from-library verdicts --out mine.pt
  banger score ~/Music/generated --head mine

A training that was interrupted or killed goes on where it was with the same command.
What a head learns is what its labels say: listens are popularity, not quality.

Exit codes: 0 trained, 1 could not be, 2 wrong usage, 130 interrupted.`,
    )
    .action(async (name: string, given: unknown) => {
      const { library } = optionsSchema.parse(given);
      await withEngine(library, (engine, signal) => train(engine, name, given, signal));
    });
}

/** Numbers of the recipe, each with what it means. */
const numberOptions = {
  epochs: 'epochs at most',
  batchSize: 'songs in a step',
  learningRate: 'AdamW’s learning rate in the first epoch',
  weightDecay: 'AdamW’s weight decay',
  beta1: 'AdamW’s decay of the first moment',
  beta2: 'AdamW’s decay of the second moment',
  epsilon: 'AdamW’s epsilon',
  patience: 'epochs without a better one before it ends',
  seed: 'decides first weights, order and dropout',
  heldOutShare: 'share of the songs not trained on',
  testShare: 'share of those that test',
  splitSeed: 'decides which songs those are',
} as const;

async function train(engine: Engine, name: string, given: unknown, signal: AbortSignal): Promise<number> {
  const options = optionsSchema.parse(given);
  const source = dataSourceOf(given);
  const note = (text: string) => {
    if (!options.quiet) printNote(text);
  };
  const line = startProgressLine(options.quiet);
  const failures = new FailureNotes();
  let maximumEpochs: number = referenceRecipe.epochs;
  try {
    const recipe = withDropoutForAll(recipeOptionsSchema.parse(given));
    const report = await trainNamedHead(
      engine,
      { name, source, encoder: options.encoder, recipe },
      {
        signal,
        onFingerprint: ({ bytesDone, bytesTotal }) => {
          line.show(`Reading the encoder once: ${Math.round((100 * bytesDone) / bytesTotal)} %`);
        },
        onEmbedding: (progress) => {
          line.show(describeEmbedding(progress));
        },
        onFailure: ({ result }) => {
          failures.add(result);
        },
        onData: (data, split, { epochs }) => {
          maximumEpochs = epochs;
          for (const text of data.notes) note(text);
          const parts = [split.train.length, split.validation.length, split.test.length];
          note(
            `Training on ${parts[0] ?? 0} songs; ${parts[1] ?? 0} choose the epoch, ${parts[2] ?? 0} test.`,
          );
          if (data.labels.length < fewSongs) {
            note(`${data.labels.length} songs are few: take what this head says with care.`);
          }
        },
        onResume: (epochs) => {
          note(`Going on after epoch ${epochs.length} of an earlier run.`);
        },
        onEpoch: (record, bestEpoch) => {
          line.show(describeEpoch(record, bestEpoch, maximumEpochs));
        },
        onJudging: () => {
          line.show('Judging the head by the songs it has not seen');
        },
      },
    );
    line.end();
    if (options.out !== undefined) await exportNamedHead(engine, report.id, options.out);
    const { card, evaluation } = report;
    await writeOutput(
      options.format === 'json'
        ? `${JSON.stringify(report, null, 2)}\n`
        : `The head “${name}” is trained: best of ${card.epochsRun} epochs was ${card.bestEpoch}.
Test, ${summariseMetrics(card.test)}

${formatEvaluation(evaluation)}
Use it with: banger score <folder> --head ${name}
`,
    );
    return exitCodes.success;
  } catch (thrown) {
    if (!hasErrorCode(thrown, 'cancelled')) throw thrown;
    throw new BangerError('cancelled', 'The training was stopped.', {
      nextStep: 'What is done is kept: the same command goes on from there.',
    });
  } finally {
    line.end();
    failures.print();
  }
}

/** One dropout stands for all layers. */
function withDropoutForAll(changes: z.infer<typeof recipeOptionsSchema>) {
  const { dropout, widths = referenceRecipe.widths } = changes;
  const [only] = dropout ?? [];
  if (only !== undefined && dropout?.length === 1) return { ...changes, dropout: widths.map(() => only) };
  if (dropout === undefined && widths.length !== referenceRecipe.widths.length) {
    return { ...changes, dropout: widths.map(() => referenceRecipe.dropout[0] ?? 0) };
  }
  return changes;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

function parseNumbers(text: string): number[] {
  return text.split(',').map(parseNumber);
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
