/** Random changes to a folder, repeatable by their seed: in the end the watcher knows exactly what the disk holds. */
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isPassedOver } from '../../../src/shared/file-names.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, useWatchers, type WatchRecord } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

/** A generator of random numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Changes a folder at random. */
class Churn {
  readonly #root: string;
  readonly #random: () => number;

  constructor(root: string, seed: number) {
    this.#root = root;
    this.#random = randomNumbers(seed);
  }

  /** Does one random thing, and says what. */
  step(): string {
    const song = this.#pick(this.#entries((path) => statSync(path).isFile()));
    const folder = this.#pick([this.#root, ...this.#entries((path) => statSync(path).isDirectory())]);
    const target = join(folder, this.#newName());
    const deeds: Record<string, () => void> = {
      create: () => {
        this.#clear(target);
        writeFileSync(target, this.#content());
      },
      'create through a temporary name': () => {
        this.#clear(target);
        writeFileSync(`${target}.part`, this.#content());
        renameSync(`${target}.part`, target);
      },
      'make a folder': () => {
        if (!isThere(target)) mkdirSync(target);
      },
      'link to a folder': () => {
        if (!isThere(target)) symlinkSync(folder, target);
      },
      grow: () => {
        appendFileSync(song, 'more');
      },
      touch: () => {
        const seconds = 1_700_000_000 + Math.floor(this.#random() * 1e6);
        utimesSync(song, seconds, seconds);
      },
      'rename or move': () => {
        this.#clear(target);
        renameSync(song, target);
      },
      'move a folder': () => {
        if (folder === this.#root || target.startsWith(`${folder}/`)) return;
        this.#clear(target);
        renameSync(folder, target);
      },
      'move a folder up': () => {
        if (folder === this.#root) return;
        const place = join(this.#root, this.#newName());
        if (folder.startsWith(place)) return;
        this.#clear(place);
        renameSync(folder, place);
      },
      'delete a song': () => {
        rmSync(song);
      },
      'delete a folder': () => {
        if (folder !== this.#root && this.#random() < 0.4) rmSync(folder, { recursive: true });
      },
      'replace a song by a folder': () => {
        rmSync(song);
        mkdirSync(song);
      },
    };
    const needsSong = new Set([
      'grow',
      'touch',
      'rename or move',
      'delete a song',
      'replace a song by a folder',
    ]);
    const name = this.#pick(Object.keys(deeds).filter((deed) => song !== '' || !needsSong.has(deed)));
    deeds[name]?.();
    return `${name}: ${target} ${song} ${folder}`;
  }

  get pauseMs(): number {
    return this.#random() < 0.7 ? 0 : Math.floor(this.#random() * 120);
  }

  #newName(): string {
    return `${this.#pick(['a', 'b', 'c', 'd', 'é', 'e\u0301', '🎷'])}${Math.floor(this.#random() * 4)}.wav`;
  }

  #content(): string {
    return 'la'.repeat(1 + Math.floor(this.#random() * 50));
  }

  #clear(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  #entries(fits: (path: string) => boolean): string[] {
    return pathsBelow(this.#root).filter(fits).sort();
  }

  #pick(choices: readonly string[]): string {
    return choices[Math.floor(this.#random() * choices.length)] ?? '';
  }
}

/** All files and folders below a folder; links are not followed, which `readdir`'s own recursion does. */
function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
    });
}

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
