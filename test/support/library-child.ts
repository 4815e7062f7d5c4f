/**
 * A process of its own that works on a library, told what to do by its arguments: `<task> <file> …`.
 *
 * - `open`: opens and closes it, then sends the outcome
 * - `store <prefix> <count> <shared>`: on the first message stores songs, some of them shared by all prefixes
 * - `churn <prefix> <count>`: opens it anew for every song, and to read it in between
 * - `burst`: stores songs until it is killed, and writes a line to stdout after each one that was stored
 * - `hold`: takes the write lock, says so, and keeps it until the next message
 */
import fs from 'node:fs';
import Database from 'better-sqlite3';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { asBangerError } from '../../src/shared/errors.ts';
import { storeSong } from './library-samples.ts';

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
