/** Random changes to a folder, repeatable by their seed: in the end the watcher knows exactly what the disk holds. */
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isPassedOver } from '../../../src/shared/file-names.ts';
import { Churn, pathsBelow } from '../../support/churn.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, useWatchers, type WatchRecord } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

/** What lies on the disk, as the watcher should see it: each song with its stamp. */
function songsOnDisk(root: string): Map<string, string> {
  const songs = pathsBelow(root).filter((path) => statSync(path).isFile() && !isPassedOver(basename(path)));
  return new Map(songs.map((path) => [path, stampText(statSync(path, { bigint: true }))]));
}

const stampText = ({ size, mtimeNs }: { size: bigint; mtimeNs: bigint }) => `${size} bytes of ${mtimeNs}`;

function songsTold(record: WatchRecord): Map<string, string> {
  return new Map(
    [...record.ready.values()].map(({ path, sizeBytes, mtimeNs }) => [
      path,
      stampText({ size: BigInt(sizeBytes), mtimeNs }),
    ]),
  );
}

const sorted = (songs: Map<string, string>) => [...songs].sort(([a], [b]) => (a < b ? -1 : 1));
const steps = Number(process.env['BANGER_CHURN_STEPS'] ?? 250);
const seeds = process.env['BANGER_CHURN_SEED']?.split(',').map(Number) ?? [1, 2, 3];

test.each(
  seeds.flatMap((seed) => [
    { seed, changes: 'reported', options: {} },
    { seed, changes: 'not reported', options: { isNetworkDrive: () => true } },
  ]),
)('seed $seed, changes $changes', { timeout: 60_000 + steps * 1000 }, async ({ seed, options }) => {
  const { watcher, record } = watch({ settleSeconds: 0.2, ...options });
  mkdirSync(at('root'));
  watcher.addFolder(at('root'));
  const churn = new Churn(at('root'), seed);
  const deeds: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    deeds.push(churn.step());
    if (step % 60 === 40) {
      renameSync(at('root'), at('away'));
      await sleep(churn.pauseMs);
      renameSync(at('away'), at('root'));
    }
    await sleep(churn.pauseMs);
  }
  await eventually(() => {
    expect(sorted(songsTold(record))).toEqual(sorted(songsOnDisk(at('root'))));
  }, 30_000);
  await watcher.whenSettled();
  expect(sorted(songsTold(record))).toEqual(sorted(songsOnDisk(at('root'))));
  expect([...watcher.files(at('root'))].map(({ path }) => path).sort()).toEqual(
    [...record.ready.keys()].sort(),
  );
  expect(watcher.folders[0]?.files).toBe(record.ready.size);
});
