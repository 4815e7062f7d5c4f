/** Where one worker's tests play: a home, a folder of real songs and a library that has scored them, set back each time. */
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { type RunningServe, startServe } from '../../support/serve.ts';
import { writeSongs } from './song-pool.ts';

const command = path.join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'banger.ts');

/** Which state a test begins in. */
export type Beginning =
  /** As after an install: songs on disk, and a home that the program has never seen. */
  | 'fresh'
  /** The songs are watched and have draft scores. */
  | 'scored';

export class TestPlace {
  readonly root: string;
  #isReady = false;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<TestPlace> {
    return new TestPlace(await realpath(await mkdtemp(path.join(tmpdir(), 'banger-e2e-'))));
  }

  get home(): string {
    return path.join(this.root, 'now', 'home');
  }

  /** The library that the program keeps in this home. */
  get libraryFile(): string {
    return path.join(this.home, 'data', 'banger-scorer', 'library.sqlite');
  }

  /** Folders `night 1` and `night 2` with seven songs each. */
  get songFolder(): string {
    return path.join(this.root, 'now', 'music');
  }

  /** A folder for what is exported, empty at first. */
  get exportFolder(): string {
    return path.join(this.root, 'now', 'export');
  }

  /** A path in the folder of songs. */
  song(...names: string[]): string {
    return path.join(this.songFolder, ...names);
  }

  /** Sets everything back to a beginning. The paths are the same each time, so that the library stays true. */
  async reset(beginning: Beginning): Promise<void> {
    if (!this.#isReady) await this.#prepare();
    await this.#restore(beginning);
  }

  /** @param port 0 for any that is free */
  serve(port = 0): Promise<RunningServe> {
    return startServe({
      home: this.home,
      arguments: ['--port', String(port), '--allow', this.songFolder, this.exportFolder],
      // Nothing is fetched.
      env: { HF_HUB_OFFLINE: '1' },
    });
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Makes both beginnings once. */
  async #prepare(): Promise<void> {
    await Promise.all([this.home, this.exportFolder].map((folder) => mkdir(folder, { recursive: true })));
    await writeSongs(this.songFolder);
    await this.#keep('fresh');
    await this.#score();
    await this.#keep('scored');
    this.#isReady = true;
  }

  /** Watches the folder and scores what lies in it, as the program does. */
  async #score(): Promise<void> {
    await mkdir(path.dirname(this.libraryFile), { recursive: true });
    const library = openLibrary(this.libraryFile);
    library.watchedFolders.put(this.songFolder, []);
    library.close();
    await this.run('watch', '--once', '--settle', '0.3');
  }

  /** Runs the command in this home. */
  async run(...commandArguments: string[]): Promise<void> {
    await execa(process.execPath, [command, ...commandArguments], {
      env: {
        PATH: process.env['PATH'],
        HOME: this.home,
        XDG_DATA_HOME: path.join(this.home, 'data'),
        XDG_CACHE_HOME: path.join(this.home, 'cache'),
      },
      extendEnv: false,
    });
  }

  async #keep(beginning: Beginning): Promise<void> {
    await copyFolder(path.join(this.root, 'now'), path.join(this.root, beginning));
  }

  async #restore(beginning: Beginning): Promise<void> {
    await rm(path.join(this.root, 'now'), { recursive: true, force: true, maxRetries: 3 });
    await copyFolder(path.join(this.root, beginning), path.join(this.root, 'now'));
  }
}

/** Times go along: a file's time tells the library whether it changed. */
function copyFolder(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, preserveTimestamps: true });
}
