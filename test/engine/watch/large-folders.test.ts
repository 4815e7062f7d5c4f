/** Very many files: told in small portions, with one timer, and with memory to spare. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, useWatchers } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a burst of 10,000 files is told once each, with one timer for all of them', async () => {
  mkdirSync(at('burst'));
  const { watcher, record } = watch({ settleSeconds: 1 });
  watcher.addFolder(at());
  await watcher.whenSettled();
  const timersBefore = timers();
  let mostTimers = 0;
  for (let index = 0; index < 10_000; index += 1) {
    writeFileSync(at(`burst/${index}.wav`), 'la');
    if (index % 500 === 0) await nextTurn();
    mostTimers = Math.max(mostTimers, timers() - timersBefore);
  }
  await eventually(() => {
    mostTimers = Math.max(mostTimers, timers() - timersBefore);
    expect(record.ready.size).toBe(10_000);
  }, 60_000);
  expect(record.tellings).toHaveLength(10_000);
  // The folder's one, and chokidar's few: it looks at changes in portions.
  expect(mostTimers).toBeLessThan(20);
  const portions = record.events.flatMap((event) =>
    event.kind === 'files-ready' ? [event.files.length] : [],
  );
  expect(Math.max(...portions)).toBeLessThanOrEqual(500);
});

test('100,000 files in one folder are told while everything else goes on', { timeout: 240_000 }, async () => {
  for (let index = 0; index < 100_000; index += 1) writeFileSync(at(`${index}.wav`), '');
  let isDone = false;
  let turns = 0;
  const count = async () => {
    while (!isDone) {
      await nextTurn();
      turns += 1;
    }
  };
  const counting = count();
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const { watcher, record } = watch({ settleSeconds: 0, giveUpSeconds: 0 });
  let files = 0;
  watcher.on((event) => {
    if (event.kind === 'files-ready') files += event.files.length;
  });
  watcher.addFolder(at());
  await watcher.whenSettled();
  isDone = true;
  await counting;
  expect(files).toBe(100_000);
  expect(record.ready.size).toBe(100_000);
  expect(watcher.folders[0]).toMatchObject({ state: 'watching', files: 100_000 });
  // A scan that blocked would let nothing in between; this one pauses after every 64 entries.
  expect(turns).toBeGreaterThan(100_000 / 64);
  const heapPerFile = (process.memoryUsage().heapUsed - heapBefore) / 100_000;
  expect(heapPerFile).toBeLessThan(4096);
});
