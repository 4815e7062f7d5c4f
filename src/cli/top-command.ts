/** `banger top`: chooses the best songs, shows them, and exports them as a playlist or as files. */
import type { Command } from 'commander';
import { patternFields } from '../engine/curate-songs.ts';
import type { FileExportProgress, FileExportReport } from '../shared/file-export.ts';
import { formatBytes, formatDuration } from '../shared/format-quantities.ts';
import type { LeftOut, SelectedSongs } from '../shared/song-selection.ts';
import { alignColumns } from './align-columns.ts';
import { exitCodes } from './exit-codes.ts';
import { chooseRanking, readSavedFilter } from './library-choices.ts';
import { printError, printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { progressBar, startProgressLine } from './progress-line.ts';
import { addSongFilterOptions, songFilterOf } from './song-filter-options.ts';
import type { TopOptions } from './top-options.ts';
import { addTopOptions, exportTargetsOf, quotaOf, topOptionsSchema } from './top-options.ts';
import type { CallCurating, CuratingOptions } from './with-curating.ts';
import { withCurating } from './with-curating.ts';
import { writeOutput } from './write-output.ts';

export function addTopCommand(program: Command): void {
  const command = program
    .command('top')
    .description('Choose the best songs and show them, or export them as a playlist or as files.');
  addSongFilterOptions(addTopOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  banger top -k 10 --batch latest --export best.m3u8
  banger top -k 5 --per prompt --diverse 0.05 --copy-to ~/Music/best --pattern "{rank:03} {score} {title}"
  banger top --percent 10 --copy-to /media/usb --link

Fields of a pattern: ${patternFields.map((field) => `{${field}}`).join(' ')}. Numbers take a width and decimals:
{rank:03}, {score:.1}. Rejected and missing songs are left out. The same command again goes on where it was stopped.

Exit codes: 0 all exported, 1 nothing to choose or export, 2 wrong usage, 3 some songs failed.`,
    )
    .action(chooseTop);
}

async function chooseTop(given: unknown): Promise<void> {
  const options = topOptionsSchema.parse(given);
  const targets = exportTargetsOf(options);
  const line = startProgressLine(options.quiet);
  const curating: CuratingOptions = {
    library: options.library,
    emit: (event) => {
      if (event.name === 'file-export-progressed') line.show(describeProgress(event.payload));
    },
  };
  await withCurating(curating, async ({ call, callLibrary }) => {
    const ranking = await chooseRanking(callLibrary, options);
    const filter = { ...(await readSavedFilter(callLibrary, options.saved)), ...songFilterOf(given) };
    const selected = await call('select-songs', {
      ...(ranking !== undefined && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
      ...{ filter, quota: quotaOf(options), includesRejected: options.withRejected },
      ...(options.minScore !== undefined && { minimumScore: options.minScore }),
      ...(options.per !== undefined && { per: options.per }),
      ...(options.diverse !== undefined && { diverse: options.diverse }),
    });
    if (!options.quiet) for (const note of notesOn(selected)) printNote(note);
    await printSelection(selected, options);
    if (selected.songs.length === 0) return exitCodes.failure;
    try {
      return await exportSelection(call, selected, targets, options);
    } finally {
      line.end();
    }
  });
}

async function exportSelection(
  call: CallCurating,
  { songs, ranking }: SelectedSongs,
  { playlist, files }: ReturnType<typeof exportTargetsOf>,
  { quiet }: TopOptions,
): Promise<number> {
  const request = {
    songIds: songs.map(({ id }) => id),
    ...(ranking !== null && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
  };
  const note = (text: string) => {
    if (!quiet) printNote(text);
  };
  let failed = 0;
  if (files !== null) {
    const report = await call('export-files', { ...request, ...files });
    for (const { error } of report.files) if (error !== null) printError(error);
    failed += report.failedSongCount + report.missing.length;
    note(describeFiles(report));
  }
  if (playlist !== null) {
    const written = await call('export-playlist', { ...request, ...playlist });
    for (const { path } of written.skipped) {
      printError({ message: 'No playlist can name this song: its path is no text.', file: path });
    }
    failed += written.skipped.length + written.missing.length;
    note(`Playlist of ${written.songCount} songs: ${written.file}`);
  }
  if (failed === 0) return exitCodes.success;
  return failed >= songs.length ? exitCodes.failure : exitCodes.partial;
}

function describeFiles({ folder, files }: FileExportReport): string {
  const counts = Map.groupBy(files, ({ outcome }) => outcome);
  const parts = [...counts].map(([outcome, { length }]) => `${length} ${outcome.replace('-', ' ')}`);
  return `Files in ${folder}: ${parts.join(', ')}`;
}

function describeProgress({
  doneFiles,
  totalFiles,
  doneBytes,
  totalBytes,
  path,
}: FileExportProgress): string {
  const share = totalBytes > 0 ? doneBytes / totalBytes : doneFiles / Math.max(1, totalFiles);
  return `${progressBar(share)} ${doneFiles}/${totalFiles} · ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)} · ${path}`;
}

/** What a person should know about a choice before trusting it. */
function notesOn({ ranking, leftOut, distance }: SelectedSongs): string[] {
  if (ranking === null) return ['No song has a score yet: run “banger score” first.'];
  const models = `${ranking.encoder}, ${ranking.head}, ${ranking.precision}`;
  const draft = ranking.isDraft ? ' Draft scores are a rough first order.' : '';
  const notes = [`Ranked by ${models}.${draft}`];
  if (leftOut.length > 0) notes.push(`Left out: ${leftOut.map(describeLeftOut).join(', ')}.`);
  if (distance !== null) {
    const { minimumDistance, medianDistance } = distance;
    notes.push(
      `Least distance between songs ${minimumDistance.toFixed(3)}; usual is ${medianDistance.toFixed(3)}.`,
    );
  }
  return notes;
}

const reasonTexts: Record<LeftOut['reason'], string> = {
  missing: 'missing',
  rejected: 'rejected',
  unscored: 'without a score',
  'below-score': 'below the score',
  'too-similar': 'too similar to a better one',
  'beyond-quota': 'beyond the number asked for',
};

function describeLeftOut({ reason, count }: LeftOut): string {
  return `${count} ${reasonTexts[reason]}`;
}

async function printSelection(selected: SelectedSongs, { format }: TopOptions): Promise<void> {
  if (format === 'json') {
    await writeOutput(`${JSON.stringify(selected, null, 2)}\n`);
    return;
  }
  if (selected.songs.length === 0) return;
  const header = [
    'rank',
    selected.ranking?.isDraft === true ? 'draft' : 'score',
    'length',
    'verdict',
    'song',
  ];
  const rows = selected.songs.map(({ score, durationSeconds, verdict, stars, path, title }, index) => [
    String(index + 1),
    score?.toFixed(2) ?? '–',
    formatDuration(durationSeconds),
    `${verdict === 'undecided' ? '' : verdict}${'★'.repeat(stars)}`,
    printableLine(path ?? title),
  ]);
  await writeOutput(alignColumns([header, ...rows], 'right'));
}
