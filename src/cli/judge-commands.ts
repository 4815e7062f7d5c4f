/** `banger keep`, `reject`, `clear`, `star` and `note`: what a person thinks of songs. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { JudgementChange } from '../shared/judgement.ts';
import { exitCodes } from './exit-codes.ts';
import { withCurating } from './with-curating.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({ library: z.string().optional() });
const songsArgument = ['<song...>', 'paths of songs in the library, or ids as lists show them'] as const;
const libraryOption = ['--library <file>', 'library to change (default: your own)'] as const;

export function addJudgeCommands(program: Command): void {
  const verdicts = [
    ['keep', 'keep', 'Mark songs as worth keeping.'],
    ['reject', 'reject', 'Mark songs as rejected. Their files stay until you run “banger trash-rejects”.'],
    ['clear', 'undecided', 'Take verdicts back; stars and notes stay.'],
  ] as const;
  for (const [name, verdict, description] of verdicts) {
    program
      .command(name)
      .description(description)
      .argument(...songsArgument)
      .option(...libraryOption)
      .action(async (names: string[], options: unknown) => {
        await judge(names, { verdict }, options);
      });
  }
  program
    .command('star')
    .description('Give songs 0 to 5 stars.')
    .argument('<stars>', '0 to 5', parseStars)
    .argument(...songsArgument)
    .option(...libraryOption)
    .action(async (stars: number, names: string[], options: unknown) => {
      await judge(names, { stars }, options);
    });
  program
    .command('note')
    .description('Write a note on songs, in place of an earlier one; an empty text removes it.')
    .argument('<text>', 'the note')
    .argument(...songsArgument)
    .option(...libraryOption)
    .action(async (note: string, names: string[], options: unknown) => {
      await judge(names, { note }, options);
    });
}

function parseStars(text: string): number {
  if (/^[0-5]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 5.');
}

/** One change of all songs, so that one undo takes it back. Nothing changes when a name is unknown. */
async function judge(names: string[], change: JudgementChange, options: unknown): Promise<void> {
  await withCurating(optionsSchema.parse(options), async ({ call }) => {
    const songIds = await call('find-songs', { names });
    const { changedCount } = await call('judge-songs', { songIds, change });
    const unchanged = songIds.length - changedCount;
    const note = unchanged === 0 ? '' : ` ${unchanged} as before.`;
    await writeOutput(`Changed: ${changedCount} of ${songIds.length}.${note}\n`);
    return exitCodes.success;
  });
}
