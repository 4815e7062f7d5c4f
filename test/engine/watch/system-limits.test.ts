/** What happens where the system reports no changes: its limits, simulated and real. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { OpenChangeReports } from '../../../src/engine/watch/change-reports.ts';
import { openChangeReports } from '../../../src/engine/watch/change-reports.ts';
import type { WatchEvent } from '../../../src/shared/watch.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, expectSongs, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

/** Reports that fail with an error, either from the start or when told to. */
function failingReports(code: string): {
  open: OpenChangeReports;
  fail: () => void;
  heal: () => void;
  opened: () => number;
} {
  let isFailing = true;
  let opened = 0;
  let failNow = () => {};
  const error = Object.assign(new Error(code), { code });
  return {
    open: (root, options) => {
      opened += 1;
      const reports = openChangeReports(root, options);
      failNow = () => {
        options.onError(error);
      };
      if (isFailing) failNow();
      return reports;
    },
    fail: () => {
      isFailing = true;
      failNow();
    },
    heal: () => {
      isFailing = false;
    },
    opened: () => opened,
  };
}

test.each([
  ['ENOSPC', 'fs.inotify.max_user_watches'],
  ['EMFILE', process.platform === 'linux' ? 'fs.inotify.max_user_instances' : 'ulimit -n'],
  ['EMFILE', 'ulimit -n'],
])('%s turns to periodic scans, and names %s', async (code, setting) => {
  const reports = failingReports(code);
  const { watcher, record } = watch({}, { openChangeReports: reports.open });
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect(watcher.folders[0]).toMatchObject({ state: 'periodic' });
  expect(watcher.folders[0]?.nextStep).toContain(setting);
  const song = writeSong(at('song.wav'));
  await expectSongs(record, [song]);
  rmSync(song);
  await expectSongs(record, []);
});

test('when the limit is raised, changes are reported again', async () => {
  const reports = failingReports('ENOSPC');
  const { watcher, record } = watch({ rescanSeconds: 1 }, { openChangeReports: reports.open });
  watcher.addFolder(at());
  await watcher.whenSettled();
  reports.heal();
  await eventually(() => {
    expect(watcher.folders[0]).toMatchObject({ state: 'watching', reason: null, nextStep: null });
  });
  expect(record.states).toEqual(['scanning', 'periodic', 'watching']);
  reports.fail();
  await eventually(() => {
    expect(watcher.folders[0]).toMatchObject({ state: 'periodic' });
  });
});

test('a rescan repairs what was never reported', async () => {
  const deaf: OpenChangeReports = () => ({
    ready: Promise.resolve(),
    watchAlso: () => {},
    close: () => Promise.resolve(),
  });
  const old = writeSong(at('old.wav'));
  const grown = writeSong(at('grown.wav'));
  const { watcher, record } = watch({ rescanSeconds: 1 }, { openChangeReports: deaf });
  watcher.addFolder(at());
  await expectSongs(record, [old, grown]);
  rmSync(old);
  writeSong(grown, 'has grown by far');
  mkdirSync(at('new'));
  const added = writeSong(at('new/added.wav'));
  await expectSongs(record, [grown, added]);
  expect(record.ready.get(grown)?.sizeBytes).toBe(16);
  expect(watcher.folders[0]?.state).toBe('watching');
});

/** Runs the watcher in a process of its own, under a command that limits it. */
async function watchInChild(limit: string[], folder: string, holdFiles: boolean) {
  const script = new URL('../../support/watch-child.ts', import.meta.url).pathname;
  const child = spawn(
    limit[0] ?? '',
    [...limit.slice(1), process.execPath, script, folder, String(holdFiles)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const events: WatchEvent[] = [];
  createInterface(child.stdout).on('line', (line) => events.push(JSON.parse(line) as WatchEvent));
  const statuses = () =>
    events.flatMap((event) => (event.kind === 'folder-state-changed' ? [event.status] : []));
  const readyPaths = () =>
    events.flatMap((event) => (event.kind === 'files-ready' ? event.files.map(({ path }) => path) : []));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return Promise.resolve({ child, statuses, readyPaths, exited });
}

const limitWatches = 'echo 4 > /proc/sys/user/max_inotify_watches && exec "$@"';
const canLimitWatches = spawnSync('unshare', ['-Ur', 'sh', '-c', limitWatches, 'sh', 'true']).status === 0;

test.runIf(canLimitWatches)('the real limit of watches is met and told', async () => {
  for (let index = 0; index < 10; index += 1) mkdirSync(at(`folder-${index}`));
  const song = writeSong(at('folder-3/song.wav'));
  const limited = ['unshare', '-Ur', 'sh', '-c', limitWatches, 'sh'];
  const { child, statuses, readyPaths, exited } = await watchInChild(limited, at(), false);
  await eventually(() => {
    expect(statuses().at(-1)).toMatchObject({ state: 'periodic' });
    expect(readyPaths()).toEqual([song]);
  });
  expect(statuses().at(-1)?.nextStep).toContain('fs.inotify.max_user_watches');
  const late = writeSong(at('folder-9/late.wav'));
  await eventually(() => {
    expect(readyPaths()).toEqual([song, late]);
  });
  child.stdin.end();
  expect(await exited).toBe(0);
});

test.runIf(process.platform === 'linux')(
  'the real limit of open files is met, told, and recovered from',
  async () => {
    const song = writeSong(at('song.wav'));
    const limited = ['bash', '-c', 'ulimit -n 40 && exec "$@"', 'bash'];
    const { child, statuses, readyPaths, exited } = await watchInChild(limited, at(), true);
    await eventually(() => {
      expect(statuses().at(-1)).toMatchObject({ state: 'periodic' });
    });
    expect(statuses().at(-1)?.nextStep).toContain('ulimit -n');
    await sleep(500);
    expect(readyPaths()).toEqual([]);
    child.stdin.write('release\n');
    await eventually(() => {
      expect(readyPaths()).toEqual([song]);
      expect(statuses().at(-1)).toMatchObject({ state: 'watching' });
    });
    child.stdin.end();
    expect(await exited).toBe(0);
  },
);
