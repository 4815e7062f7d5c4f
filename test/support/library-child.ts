/**
 * A process of its own that works on a library, told what to do by its arguments: `<task> <file> …`.
 *
 * - `open`: opens and closes it, then sends the outcome
 * - `store <prefix> <count> <shared>`: on the first message stores songs, some of them shared by all prefixes
 * - `churn <prefix> <count>`: opens it anew for every song, and to read it in between
 * - `burst`: stores songs until it is killed, and writes a line to stdout after each one that was stored
 * - `judge <seed>`: on the first message judges songs 50 times, and undoes some of it
 * - `export <folder> <mode> <files>`: exports all songs; after so many files, and when copying in the middle of the
 *   next one, it says so and stands still until it is killed
 * - `hold`: takes the write lock, says so, and keeps it until the next message
 */
import fs from 'node:fs';
import Database from 'better-sqlite3';
import { exportFiles } from '../../src/engine/curate/export-files.ts';
import { judgeSongs } from '../../src/engine/curate/judge-songs.ts';
import { undoNewest } from '../../src/engine/curate/undo-history.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { asBangerError } from '../../src/shared/errors.ts';
import { exportModeSchema, type ExportMode } from '../../src/shared/file-export.ts';
import { entriesOf } from './curate-library.ts';
import { storeSong } from './library-samples.ts';

/** All songs arrived in order of their ids. */
const bySongId = { column: 'added', direction: 'ascending' } as const;

const [task = '', file = '', ...rest] = process.argv.slice(2);

async function main(): Promise<void> {
  switch (task) {
    case 'open':
      openLibrary(file).close();
      break;
    case 'store':
      send('ready');
      await nextMessage();
      storeSongs(rest[0] ?? '', Number(rest[1]), Number(rest[2]));
      break;
    case 'churn':
      reopenForEachSong(rest[0] ?? '', Number(rest[1]));
      break;
    case 'burst':
      storeUntilKilled();
      break;
    case 'judge':
      send('ready');
      await nextMessage();
      await judgeAndUndo(Number(rest[0]));
      break;
    case 'export':
      await exportSome(rest[0] ?? '', exportModeSchema.parse(rest[1]), Number(rest[2]));
      break;
    case 'hold':
      await holdWriteLock();
      break;
    default:
      throw new Error(`unknown task ${task}`);
  }
  send('done');
  process.disconnect();
}

function storeSongs(prefix: string, count: number, shared: number): void {
  const library = openLibrary(file);
  for (let index = 0; index < count; index += 1) {
    const content = index < shared ? `shared ${index}` : `${prefix} ${index}`;
    storeSong(library, content, `/music/${prefix}/${index}.mp3`, index);
  }
  library.close();
}

function reopenForEachSong(prefix: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const library = openLibrary(file);
    storeSong(library, `${prefix} ${index}`, `/music/${prefix}/${index}.mp3`, index);
    library.close();
    openLibrary(file, { readOnly: true }).close();
  }
}

function storeUntilKilled(): void {
  const library = openLibrary(file);
  for (let index = 0; ; index += 1) {
    storeSong(library, `burst ${index}`, `/music/burst/${index}.mp3`, index);
    // Written at once and in order, unlike a message to the parent.
    fs.writeSync(1, `${index}\n`);
  }
}

async function judgeAndUndo(seed: number): Promise<void> {
  const library = openLibrary(file);
  for (let index = 0; index < 50; index += 1) {
    const songIds = [1 + ((seed + index) % 20), 1 + ((seed * 7 + index * 3) % 20)];
    judgeSongs(library, songIds, { stars: (seed + index) % 6 });
    if (index % 3 === seed % 3) await undoNewest(library);
  }
  library.close();
}

async function exportSome(folder: string, mode: ExportMode, fileCount: number): Promise<void> {
  const library = openLibrary(file);
  const songIds = library.lists.songIds({ filter: {}, sort: bySongId, offset: 0, limit: 1000 }, null);
  let finishedFiles = 0;
  await exportFiles(
    library,
    { entries: entriesOf(library, songIds), folder, mode, pattern: '{rank:03} {title} {name}' },
    {
      onProgress: ({ doneFiles }) => {
        const isInsideFile = doneFiles === finishedFiles;
        finishedFiles = doneFiles;
        if (doneFiles < fileCount || (mode === 'copy' && !isInsideFile)) return;
        fs.writeSync(1, 'standing still\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      },
    },
  );
}

async function holdWriteLock(): Promise<void> {
  const database = new Database(file);
  database.exec('BEGIN IMMEDIATE');
  send('locked');
  await nextMessage();
  database.exec('ROLLBACK');
  database.close();
}

function nextMessage(): Promise<unknown> {
  return new Promise((resolve) => process.once('message', resolve));
}

function send(message: unknown): void {
  process.send?.(message);
}

main().catch((thrown: unknown) => {
  send(asBangerError(thrown).toRecord());
  process.disconnect();
});
