/** What watching folders tells: which files are ready to be read, which are gone, and how each folder is doing. */
import { z } from 'zod';
import type { FileStamp } from './library.ts';

/**
 * How a watched folder is being kept an eye on.
 *
 * - `scanning`: being looked through for the first time, or after it came back
 * - `watching`: the system reports changes; a rescan now and then repairs what it missed
 * - `polling`: on a drive whose changes the system does not report, hence looked through again and again
 * - `periodic`: the same because one of the system's limits was reached; `nextStep` says which setting to raise
 * - `paused`: by the person
 * - `unavailable`: the folder, or the drive that it lies on, is not there; what it held counts as out of reach, not gone
 */
export const watchStates = ['scanning', 'watching', 'polling', 'periodic', 'paused', 'unavailable'] as const;

/** Files and folders that were passed over, by reason; hidden, temporary and ignored ones are not counted. */
export const skippedCountsSchema = z.object({
  /** Files that are neither audio nor a sidecar. */
  notAudio: z.int().nonnegative(),
  /** Names that are no text in the system's encoding (invalid UTF-8), so that no path can name them. */
  unreadableName: z.int().nonnegative(),
  /** Folders that may not be listed, files that may not be looked at, and paths longer than the system allows. */
  unreadable: z.int().nonnegative(),
});
export type SkippedCounts = z.infer<typeof skippedCountsSchema>;

export const watchedFolderStatusSchema = z.object({
  /** The folder's absolute path, as it was added. */
  path: z.string(),
  state: z.enum(watchStates),
  /** Why the folder is not simply watched, one sentence for the person. */
  reason: z.string().nullable(),
  /** What the person can do about it, one sentence. */
  nextStep: z.string().nullable(),
  /** Audio files seen, whether or not they are ready. */
  files: z.int().nonnegative(),
  skipped: skippedCountsSchema,
  /** Glob patterns of what is passed over, as the person gave them. */
  ignorePatterns: z.array(z.string()),
});
export type WatchedFolderStatus = z.infer<typeof watchedFolderStatusSchema>;

/** Whether a file has the length that its container states; `unknown` where it states none. */
export const lengthChecks = ['complete', 'incomplete', 'unknown'] as const;
export type LengthCheck = (typeof lengthChecks)[number];

/** An audio file that stood still long enough to be read. */
export interface ReadyFile extends FileStamp {
  /**
   * `incomplete` comes only for a file that stood still far longer than the settle time (a minute) although its
   * container promises more, or that has no bytes at all: whoever wrote it is taken to have given up.
   */
  lengthCheck: LengthCheck;
}

/**
 * What a watcher tells. Lists hold at most `maxFilesPerEvent` entries; paths are absolute, below the folder as it
 * was added, in exactly the Unicode form that the disk has.
 */
export type WatchEvent =
  /** Each version of a file once in the watcher's life: also what lay there before, and again when it changes. */
  | { kind: 'files-ready'; folder: string; files: ReadyFile[] }
  /** Files that were ready or growing and are there no more. Never because a folder is unavailable, paused or removed. */
  | { kind: 'files-gone'; folder: string; paths: string[] }
  /** Sidecars (`.json`, `.txt`) that are new or changed and stand still, also those that lay there before. */
  | { kind: 'sidecars-changed'; folder: string; files: FileStamp[] }
  | { kind: 'folder-state-changed'; folder: string; status: WatchedFolderStatus }
  /** A whole look through a folder is done: `FolderWatcher.has` and `files` tell all that lies in it. */
  | { kind: 'scan-finished'; folder: string; status: WatchedFolderStatus };

/** The most entries that one event's list holds. */
export const maxFilesPerEvent = 500;

/**
 * Receives a watcher's events, one at a time and in order. A promise that it returns is awaited before the next
 * event, so a slow receiver slows the watcher down. When it throws on files or sidecars, they are told again later.
 */
export type WatchListener = (event: WatchEvent) => void | Promise<void>;

/** What a watcher needs to know that is decided elsewhere. */
export interface FolderWatcherOptions {
  /**
   * Whether a file that stands still is audio, by name or by its first bytes. A file for which it throws is asked
   * about again at the next rescan.
   */
  isAudioFile: (path: string) => Promise<boolean>;
  /** Whether a file has the length that its container states. Without it only time counts. */
  checkLength?: (path: string) => Promise<LengthCheck>;
  /** Whether a folder lies on a drive whose changes the system does not report. */
  isNetworkDrive?: (folder: string) => boolean;
  /** How long size and time of a file must stand still, 3 s unless told. */
  settleSeconds?: number;
  /** How long a file must stand still that is shorter than it says, 60 s unless told. */
  giveUpSeconds?: number;
  /** Between two looks through a folder whose changes are reported, 300 s unless told. */
  rescanSeconds?: number;
  /** Between two looks through a folder whose changes are not reported, 10 s unless told; more where a look takes long. */
  pollSeconds?: number;
}

export interface WatchedFolderOptions {
  /** Glob patterns of paths below the folder, with `/`: `drafts/**`, `*.wav` (in any folder), `!keep.wav`. */
  ignorePatterns?: readonly string[];
  isPaused?: boolean;
  /**
   * Whether songs were seen in the folder in an earlier life of the watcher. If it is then found empty, it counts
   * as `unavailable`: an unmounted drive leaves an empty folder behind.
   */
  heldSongs?: boolean;
}
