/** Answers the commands of curating. */
import { dirname, resolve } from 'node:path';
import type { CommandHandlers, EmitEvent } from '../../shared/contract.ts';
import type { curateCommands, curateEvents } from '../../shared/curate-commands.ts';
import { untouchedJudgement } from '../../shared/judgement.ts';
import type { Library } from '../library/library.ts';
import { readExportEntries } from './export-entries.ts';
import { exportFiles } from './export-files.ts';
import { findSongs } from './find-songs.ts';
import { judgeSongs, requireSong } from './judge-songs.ts';
import { planRejects } from './plan-rejects.ts';
import { selectSongs } from './select-songs.ts';
import { moveToSystemTrash } from './system-trash.ts';
import type { MoveToTrash } from './trash-rejects.ts';
import { trashRejects } from './trash-rejects.ts';
import { redoNext, undoNewest } from './undo-history.ts';
import { writePlaylist } from './write-playlist.ts';

export interface CurateHandlersOptions {
  emit?: EmitEvent<typeof curateEvents> | undefined;
  /** Another trash than the system's own, such as a desktop shell's. */
  moveToTrash?: MoveToTrash | undefined;
}

const tellNobody: EmitEvent<typeof curateEvents> = () => undefined;

export function curateHandlers(
  library: Library,
  { emit = tellNobody, moveToTrash = moveToSystemTrash }: CurateHandlersOptions = {},
): CommandHandlers<typeof curateCommands> {
  return {
    'find-songs': ({ names }) => findSongs(library, names),

    'judge-songs': ({ songIds, change }) => judgeSongs(library, songIds, change),
    'get-judgement': ({ songId }) => {
      requireSong(library, songId);
      return library.verdicts.get(songId) ?? untouchedJudgement;
    },
    'undo-change': (_, { signal }) => undoNewest(library, { signal }),
    'redo-change': (_, { signal }) => redoNext(library, { signal }),
    'list-history': ({ limit, beforeId }) => ({
      items: library.history.list(limit, beforeId),
      nextToUndo: library.history.nextToUndo()?.item ?? null,
      nextToRedo: library.history.nextToRedo()?.item ?? null,
    }),

    'select-songs': (selection, { signal }) => selectSongs(library, selection, signal),

    'export-playlist': async ({ songIds, ranking, file, ...form }) => {
      const absolute = resolve(file);
      const options = { ranking, folder: dirname(absolute) };
      const { entries, missing } = readExportEntries(library, songIds, options);
      const written = await writePlaylist({ entries, file: absolute, ...form });
      return { ...written, missing };
    },
    'export-files': async ({ songIds, ranking, callName, ...target }, { signal }) => {
      const { entries, missing } = readExportEntries(library, songIds, { ranking });
      const report = await exportFiles(
        library,
        { entries, ...target },
        {
          signal,
          onProgress: (progress) => {
            emit({ name: 'file-export-progressed', payload: { ...progress, callName } });
          },
        },
      );
      return { ...report, missing };
    },

    'plan-rejects': (request, { signal }) => planRejects(library, request, signal),
    'trash-rejects': ({ token, destination, callName, ...request }, { signal }) =>
      trashRejects(library, request, token, destination, {
        moveToTrash,
        signal,
        onProgress: (progress) => {
          emit({ name: 'trash-progressed', payload: { ...progress, callName } });
        },
      }),
  };
}
