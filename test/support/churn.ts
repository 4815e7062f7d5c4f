/** Changes a folder at random, in all the ways that people and programs do, repeatable by a seed. */
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
import { dirname, join } from 'node:path';

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

const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Changes a folder at random. */
export class Churn {
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
        if (isInside(song, target)) return;
        this.#clear(target);
        renameSync(song, target);
      },
      'move a folder': () => {
        const place = join(dirname(song), this.#newName());
        if (folder === this.#root || isInside(folder, place) || isInside(place, folder)) return;
        this.#clear(place);
        renameSync(folder, place);
      },
      'move a folder up': () => {
        if (folder === this.#root) return;
        const place = join(this.#root, this.#newName());
        if (isInside(folder, place)) return;
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
      'move a folder',
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
export function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
    });
}
