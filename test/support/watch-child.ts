/**
 * A process that watches a folder and writes each event as a line of JSON, until its input ends. On request it first
 * opens as many files as the system allows, and closes them at the line `release`.
 */
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FolderWatcher } from '../../src/engine/watch/folder-watcher.ts';

const [folder = '', holdFiles] = process.argv.slice(2);
const watcher = new FolderWatcher({
  isAudioFile: (path) => Promise.resolve(path.endsWith('.wav')),
  settleSeconds: 0.2,
  pollSeconds: 0.2,
  rescanSeconds: 1,
});
watcher.on((event) => {
  const json = JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  process.stdout.write(`${json}\n`);
});
const input = createInterface(process.stdin);
const held = holdFiles === 'true' ? openAllFiles() : [];
input.on('line', () => {
  for (const file of held.splice(0)) closeSync(file);
});
input.on('close', () => {
  void watcher.close();
});
watcher.addFolder(folder);

function openAllFiles(): number[] {
  const files: number[] = [];
  for (;;) {
    try {
      files.push(openSync('/dev/null', 'r'));
    } catch {
      return files;
    }
  }
}
