/**
 * Which commands of the engine take a path, and where that path may lead when a page names it. The desktop app needs
 * none of this: there, a person chose the path in the system's own dialog.
 */
import type { z } from 'zod';
import type { DataSource } from '../shared/data-source.ts';
import type { EngineCommands } from '../shared/engine-commands.ts';
import { engineCommands } from '../shared/engine-commands.ts';

type Request<Name extends keyof EngineCommands> = z.output<EngineCommands[Name]['request']>;

/** The places that a request names. */
interface Places {
  /** Paths that must lie in an allowed folder. */
  paths?: readonly (string | undefined)[];
  /** Models by id, or by a path that must lie in an allowed folder. */
  models?: readonly (string | undefined)[];
  /** A backup that the library itself made, or a path that must lie in an allowed folder. */
  backup?: string;
}

/** Marks a command that opens no file but those that the library or the catalogue knows. */
const opensNothingElse = null;

/** Complete by its type: a new command has to be thought about here. */
const placesOf: {
  [Name in keyof EngineCommands]: ((request: Request<Name>) => Places) | typeof opensNothingElse;
} = {
  'list-songs': opensNothingElse,
  'list-song-ids': opensNothingElse,
  'get-song-rows': opensNothingElse,
  'count-songs': opensNothingElse,
  'get-histogram': opensNothingElse,
  'list-filter-values': opensNothingElse,
  'get-song': opensNothingElse,
  'get-peaks': opensNothingElse,
  'get-waveforms': opensNothingElse,
  'find-similar-songs': opensNothingElse,
  'list-rankings': opensNothingElse,
  'list-batches': opensNothingElse,
  'regroup-batches': opensNothingElse,
  'list-saved-filters': opensNothingElse,
  'save-filter': opensNothingElse,
  'rename-saved-filter': opensNothingElse,
  'reorder-saved-filters': opensNothingElse,
  'delete-saved-filter': opensNothingElse,
  'record-play': opensNothingElse,
  'record-comparison': opensNothingElse,
  'list-comparisons': opensNothingElse,
  'get-revisions': opensNothingElse,
  'list-changes': opensNothingElse,
  'get-reference-distribution': opensNothingElse,
  'set-reference-distribution': opensNothingElse,
  'get-library-stats': opensNothingElse,
  'get-insight': opensNothingElse,
  'get-song-analysis': opensNothingElse,
  'analyze-songs': opensNothingElse,
  'cancel-song-analysis': opensNothingElse,
  'get-stated-reference': opensNothingElse,
  'state-reference': ({ source }) => (source.kind === 'head' ? { models: [source.head] } : {}),
  'export-insight': opensNothingElse,
  'write-report': ({ file }) => ({ paths: [file] }),
  'back-up-library': ({ file }) => ({ paths: [file] }),
  'list-backups': opensNothingElse,
  'verify-library': opensNothingElse,

  // Paths here are looked up in the library.
  'find-songs': opensNothingElse,
  'judge-songs': opensNothingElse,
  'get-judgement': opensNothingElse,
  'undo-change': opensNothingElse,
  'redo-change': opensNothingElse,
  'list-history': opensNothingElse,
  'select-songs': opensNothingElse,
  'export-playlist': ({ file }) => ({ paths: [file] }),
  'export-files': ({ folder }) => ({ paths: [folder] }),
  // Its files are chosen from a plan that the library makes.
  'plan-rejects': opensNothingElse,
  'trash-rejects': opensNothingElse,

  'read-generation': opensNothingElse,
  // A path that the library does not know is refused by the engine.
  'write-tags': opensNothingElse,
  'remove-tags': opensNothingElse,

  'list-watched-folders': opensNothingElse,
  'add-watched-folder': ({ path }) => ({ paths: [path] }),
  'add-paths': ({ paths }) => ({ paths }),
  // These three name a folder that is watched already.
  'remove-watched-folder': opensNothingElse,
  'pause-watched-folder': opensNothingElse,
  'resume-watched-folder': opensNothingElse,
  'rescan-watched-folders': opensNothingElse,
  'get-job-progress': opensNothingElse,
  'list-jobs': opensNothingElse,
  'pause-jobs': opensNothingElse,
  'resume-jobs': opensNothingElse,
  'cancel-waiting-jobs': opensNothingElse,
  'retry-failed-jobs': opensNothingElse,
  'raise-job-priority': opensNothingElse,
  'use-models': ({ encoder, head }) => ({ models: [encoder, head] }),

  'list-models': opensNothingElse,
  'get-models-in-use': opensNothingElse,
  'plan-model-download': opensNothingElse,
  'estimate-encoding': ({ encoderId }) => ({ models: [encoderId] }),
  'start-model-download': opensNothingElse,
  'pause-model-download': opensNothingElse,
  'get-model-download': opensNothingElse,
  'import-model': ({ path }) => ({ paths: [path] }),
  'remove-model': opensNothingElse,
  'remove-head': opensNothingElse,
  'get-hub-access': opensNothingElse,
  'use-hub-token': opensNothingElse,

  'get-calibration': opensNothingElse,
  'calibrate-providers': opensNothingElse,
  'get-precisions': opensNothingElse,
  'measure-agreement': opensNothingElse,
  'cancel-agreement': opensNothingElse,

  'start-training': ({ source, encoder }) => ({ paths: sourcePaths(source), models: [encoder] }),
  'get-training': opensNothingElse,
  'cancel-training': opensNothingElse,
  'count-labels': opensNothingElse,
  'read-csv-columns': ({ file }) => ({ paths: [file] }),
  'evaluate-head': ({ head, source, encoder }) => ({ paths: sourcePaths(source), models: [head, encoder] }),
  'list-heads': opensNothingElse,
  'compare-heads': ({ first, second }) => ({ models: [first, second] }),
  'export-head': ({ head, file }) => ({ paths: [file], models: [head] }),

  'get-settings': opensNothingElse,
  'change-settings': opensNothingElse,
  'get-work-state': opensNothingElse,
  'check-health': opensNothingElse,
  'get-about': opensNothingElse,
  'open-media': opensNothingElse,
  'restore-library': ({ backupFile }) => ({ backup: backupFile }),
};

/** What the guard asks about. */
export interface KnownPlaces {
  /** @throws BangerError `file-unreadable` for a path outside the allowed folders */
  requireAllowed(path: string): Promise<unknown>;
  modelIds(): Promise<readonly string[]>;
  backupFiles(): Promise<readonly string[]>;
}

/**
 * Refuses a page's request that names a place outside what it may use. Requests that their declaration does not
 * allow pass: the engine refuses them and says why.
 *
 * @throws BangerError `file-unreadable`
 */
export async function guardPaths(name: string, request: unknown, known: KnownPlaces): Promise<void> {
  if (!isEngineCommand(name)) return;
  const read = placesOf[name] as ((request: unknown) => Places) | null;
  if (read === null) return;
  const checked = engineCommands[name].request.safeParse(request);
  if (!checked.success) return;
  const { paths = [], models = [], backup } = read(checked.data);
  for (const path of paths) if (path !== undefined) await known.requireAllowed(path);
  for (const model of models) {
    if (model === undefined || (await known.modelIds()).includes(model)) continue;
    await known.requireAllowed(model);
  }
  if (backup !== undefined && !(await known.backupFiles()).includes(backup)) {
    await known.requireAllowed(backup);
  }
}

/** The files and folders that labelled songs are read from. */
function sourcePaths(source: DataSource): string[] {
  switch (source.kind) {
    case 'csv':
      return [source.file, source.audioFolder];
    case 'embeddings':
      return [source.folder];
    case 'library':
      return [];
  }
}

function isEngineCommand(name: string): name is keyof EngineCommands {
  return Object.hasOwn(engineCommands, name);
}
