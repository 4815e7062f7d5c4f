/** Decides whether a file that stood still is ready, and tells those that are. */
import type { FolderWatcherOptions, LengthCheck, ReadyFile, WatchEvent } from '../../shared/watch.ts';
import { maxFilesPerEvent } from '../../shared/watch.ts';
import type { FileNode, FolderView } from './folder-view.ts';
import { pathOf, stampOf } from './folder-view.ts';
import { forEachLimited, lookAt } from './read-disk.ts';
import type { WatchClock } from './watch-clock.ts';

export interface ReadyJudgeOptions {
  view: FolderView;
  settings: Pick<FolderWatcherOptions, 'isAudioFile' | 'checkLength'> & { giveUpSeconds: number };
  clock: WatchClock;
  tell: (event: WatchEvent) => Promise<void>;
  /** Told about a file that is not as it was last seen. */
  onDoubt: (path: string) => void;
}

/** Files that are opened and read at a time. */
const filesAtOnce = 8;
/** What the listener could not deal with is told again after this time. */
const retryMs = 5000;

export class ReadyJudge {
  readonly #options: ReadyJudgeOptions;

  constructor(options: ReadyJudgeOptions) {
    this.#options = options;
  }

  /**
   * Tells of some of the files whose time has come.
   *
   * @returns whether more of them wait
   * @throws SystemLimitError
   */
  async tellDue(): Promise<boolean> {
    const { view, clock } = this.#options;
    const due = view.settling.takeDue(clock.monotonicMs(), maxFilesPerEvent);
    const songs: { file: FileNode; ready: ReadyFile }[] = [];
    const sidecars: FileNode[] = [];
    try {
      await forEachLimited(due, filesAtOnce, async (file) => {
        if (!(await this.#standsAsSeen(file))) this.#options.onDoubt(pathOf(file));
        else if (file.isSidecar) sidecars.push(file);
        else if (await this.#isAudio(file)) {
          const lengthCheck = await this.#checkLength(file);
          if (lengthCheck !== null) songs.push({ file, ready: { ...stampOf(file), lengthCheck } });
        }
      });
    } catch (error) {
      this.#scheduleAgain(due);
      throw error;
    }
    const folder = view.root.path;
    await this.#tell(
      songs.map(({ file }) => file),
      { kind: 'files-ready', folder, files: songs.map(({ ready }) => ready) },
    );
    await this.#tell(sidecars, { kind: 'sidecars-changed', folder, files: sidecars.map(stampOf) });
    return due.length === maxFilesPerEvent;
  }

  async #tell(files: readonly FileNode[], event: WatchEvent): Promise<void> {
    if (files.length === 0) return;
    try {
      await this.#options.tell(event);
      for (const file of files) this.#options.view.setPhase(file, 'told');
    } catch {
      // The listener knows its own error; what counts here is that the files are told again.
      this.#scheduleAgain(files);
    }
  }

  #scheduleAgain(files: readonly FileNode[]): void {
    const { view, clock } = this.#options;
    for (const file of files) {
      if (file.phase === 'settling') view.settling.schedule(file, clock.monotonicMs() + retryMs);
    }
  }

  async #standsAsSeen(file: FileNode): Promise<boolean> {
    const answer = await lookAt(pathOf(file));
    return (
      answer.kind === 'file' &&
      Number(answer.stats.size) === file.sizeBytes &&
      answer.stats.mtimeNs === file.mtimeNs
    );
  }

  async #isAudio(file: FileNode): Promise<boolean> {
    try {
      const isAudio = await this.#options.settings.isAudioFile(pathOf(file));
      if (!isAudio) this.#options.view.setPhase(file, 'not-audio');
      return isAudio;
    } catch {
      // Counted among what cannot be read, and asked about again at the next scan.
      this.#options.view.setPhase(file, 'unanswered');
      return false;
    }
  }

  /** What the file's length says; null where it has to wait for more. */
  async #checkLength(file: FileNode): Promise<LengthCheck | null> {
    const { view, clock, settings } = this.#options;
    const check = await this.#askLength(file);
    if (check !== 'incomplete') return check;
    const giveUpAtMs = file.stillSinceMs + settings.giveUpSeconds * 1000;
    if (clock.monotonicMs() >= giveUpAtMs) return check;
    view.settling.schedule(file, giveUpAtMs);
    return null;
  }

  async #askLength(file: FileNode): Promise<LengthCheck> {
    if (file.sizeBytes === 0) return 'incomplete';
    // A header that cannot be read states no length; whoever reads the song will say what is wrong with it.
    return (
      (await this.#options.settings.checkLength?.(pathOf(file)).catch(() => 'unknown' as const)) ?? 'unknown'
    );
  }
}
