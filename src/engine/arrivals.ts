/** Turns what the watched folders tell into jobs and into what the library knows about files. */
import { existsSync } from 'node:fs';
import type { Library } from './library/library.ts';
import type { FileStamp } from '../shared/library.ts';
import { jobPriorities } from '../shared/jobs.ts';
import type { WatchEvent } from '../shared/watch.ts';

export interface ArrivalsOptions {
  library: Library;
  encoderName: string;
  headName: string;
  /** Whether a version of a file has its score by these models already. */
  isScored: (stamp: FileStamp) => boolean;
  /** Whether a file that the library holds present is there, as the watcher sees it. */
  isPresent: (path: string) => boolean;
  /** Called when jobs were queued. */
  onQueued: () => void;
  /** Called with sidecars that are new or changed. */
  onSidecars: (paths: string[]) => Promise<void>;
}

export class Arrivals {
  readonly #options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Takes one event of the watcher; what it throws makes the watcher tell it again. */
  async receive(event: WatchEvent): Promise<void> {
    const { library } = this.#options;
    switch (event.kind) {
      case 'files-ready':
        this.#receiveFiles(event.files);
        return;
      case 'files-gone':
        library.files.markMissing(event.paths);
        return;
      case 'sidecars-changed':
        await this.#options.onSidecars(event.files.map(({ path }) => path));
        return;
      case 'scan-finished':
        if (event.status.state === 'unavailable') return;
        this.#markVanished(event.folder);
        this.#retryReturned(event.folder);
        return;
      case 'folder-state-changed':
        return;
    }
  }

  #receiveFiles(files: readonly FileStamp[]): void {
    const { library, encoderName, headName, isScored, onQueued } = this.#options;
    const { true: done = [], false: toDo = [] } = Object.groupBy(files, (stamp) =>
      isScored(stamp) || hasFailed(library, stamp) ? 'true' : 'false',
    );
    library.transaction(() => {
      library.files.markSeen(done.map(({ path }) => path));
      library.jobs.queue(
        toDo.map((stamp) => ({ stamp, encoderName, headName, priority: jobPriorities.arrival })),
      );
    });
    if (toDo.length > 0) onQueued();
  }

  /** Files that vanished while nobody watched. Those that the watcher was told to ignore it cannot speak of. */
  #markVanished(folder: string): void {
    const { library, isPresent } = this.#options;
    for (const paths of library.files.presentBelow(folder)) {
      library.files.markMissing(paths.filter((path) => !isPresent(path) && !existsSync(path)));
    }
  }

  /** Files that were gone when their turn came, as all of a drive are that was taken away, and are there again. */
  #retryReturned(folder: string): void {
    const { library, isPresent, onQueued } = this.#options;
    const returned = library.jobs.skippedBelow(folder).filter(isPresent);
    if (returned.length === 0) return;
    library.jobs.retrySkipped(returned);
    onQueued();
  }
}

/** Failures that a second look at the very same bytes cannot change. */
const lastingFailures = ['not-audio', 'no-audio-stream', 'corrupt-audio', 'too-short'];

function hasFailed(library: Library, stamp: FileStamp): boolean {
  const failure = library.files.findUnchanged(stamp)?.file.failure;
  return failure != null && lastingFailures.includes(failure.error.code);
}
