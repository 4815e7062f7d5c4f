/** The `banger` command: parses the command line, runs one command and turns its outcome into an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { asBangerError } from '../shared/errors.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addEmbedCommand } from './embed-command.ts';
import { addEvaluateCommand } from './evaluate-command.ts';
import { exitCodes } from './exit-codes.ts';
import { addHeadsCommand } from './heads-command.ts';
import { addHistoryCommands } from './history-commands.ts';
import { addInsightCommand } from './insight-command.ts';
import { addJudgeCommands } from './judge-commands.ts';
import { addLibraryCommand } from './library-command.ts';
import { addListCommand } from './list-command.ts';
import { addModelsCommand } from './models-command.ts';
import { printError } from './print-error.ts';
import { addReportCommand } from './report-command.ts';
import { addScoreCommand } from './score-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addTagCommand } from './tag-command.ts';
import { addTopCommand } from './top-command.ts';
import { addTrashRejectsCommand } from './trash-rejects-command.ts';
import { addTrainCommand } from './train-command.ts';
import { addWatchCommand } from './watch-command.ts';
import { outliveReaders } from './write-output.ts';

const packageFile = join(import.meta.dirname, '..', '..', 'package.json');
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8')));

const program = new Command('banger')
  .description('Tells you which of last night’s songs are worth hearing first.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .addHelpText(
    'after',
    `
Examples:
  banger score ~/Music/generated             score a folder, best first
  banger score a.wav b.mp3 --format json     score files, as JSON
  banger serve ~/Music/generated             the app as a page in your browser
  banger list --batch latest --limit 20      what arrived last, best first
  banger top -k 10 --export best.m3u8        the best ten as a playlist
  banger report --out report.html            what the scores say, as one HTML file
  banger models pull mert-v1-330m banger     download MERT and its head (asks first)
  banger doctor                              check this installation

A score ranks the songs of one batch; it is no verdict on any of them.`,
  )
  .showSuggestionAfterError()
  .exitOverride();

addScoreCommand(program);
addWatchCommand(program);
addServeCommand(program, version);
addListCommand(program);
addTopCommand(program);
addReportCommand(program);
addInsightCommand(program);
addJudgeCommands(program);
addHistoryCommands(program);
addTrashRejectsCommand(program);
addTagCommand(program);
addLibraryCommand(program);
addModelsCommand(program);
addEmbedCommand(program);
addTrainCommand(program);
addEvaluateCommand(program);
addHeadsCommand(program);
addDoctorCommand(program);
for (const command of program.commands) command.exitOverride();

outliveReaders();
try {
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = exitCodeOf(thrown);
}

/** Commander has already printed what was wrong with the command line; other errors are printed here. */
function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  const error = asBangerError(thrown);
  printError(error);
  if (error.code === 'cancelled') return exitCodes.interrupted;
  return error.code === 'usage' || error.code === 'provider-unknown' ? exitCodes.usage : exitCodes.failure;
}
