/** Answers the commands about the library. */
import type { CommandHandlers } from '../shared/contract.ts';
import { BangerError } from '../shared/errors.ts';
import type { libraryCommands } from '../shared/library-commands.ts';
import { waveformThumbnail } from './audio/waveform-thumbnail.ts';
import { findSimilarSongs } from './curate/similar-songs.ts';
import type { Engine } from './engine.ts';
import { findBackups } from './library/backup-files.ts';
import { verifyLibraryAside } from './library/care-aside.ts';
import { libraryExists } from './library/library-file.ts';
import type { Library } from './library/library.ts';
import { referenceSetting } from './library/query/reference-setting.ts';
import { readSongDetails } from './library/query/song-details.ts';
import type { RestoredLibrary } from './library/restore-library.ts';
import { restoreLibrary } from './library/restore-library.ts';

/** The handlers for one open library. */
export function libraryHandlers(library: Library): CommandHandlers<typeof libraryCommands> {
  const { lists, savedFilters, comparisons, changes, settings } = library;
  return {
    'list-songs': (query) => lists.page(query),
    'list-song-ids': (query) => lists.order(query),
    'get-song-rows': ({ songIds, filter, ranking }) => lists.rowsOf(songIds, filter, ranking),
    'count-songs': ({ filter, ranking }) => ({ count: lists.count(filter, ranking) }),
    'get-histogram': ({ filter, bins, ranking }) => {
      const { total, scoredTotal } = lists.within(filter, lists.resolveRanking(ranking));
      return { counts: lists.histogram(filter, bins, ranking), total, scoredTotal };
    },
    'list-filter-values': () => ({
      genres: lists.distinctValues('genre'),
      musicalKeys: lists.distinctValues('musical_key'),
      generators: lists.distinctValues('generator'),
    }),
    'get-song': ({ songId }) => readSongDetails(library, songId),
    'get-peaks': ({ songId }) => {
      const bytes = library.songs.peaksOf(songId);
      return { peaks: bytes && [...new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)] };
    },
    'get-waveforms': ({ songIds, spans }) => readWaveforms(library, songIds, spans),
    'find-similar-songs': ({ songId, ...options }, { signal }) =>
      findSimilarSongs(library, songId, { ...options, signal }),
    'list-rankings': () => ({
      rankings: library.rankings.list(),
      default: library.rankings.findDefault(),
    }),

    'list-batches': () => library.batches.list(),
    'regroup-batches': () => {
      library.batches.regroup();
      return library.batches.list();
    },

    'list-saved-filters': ({ ranking }) =>
      savedFilters.list().map((saved) => ({
        ...saved,
        count: saved.filter && lists.count(saved.filter, ranking),
      })),
    'save-filter': ({ name, filter }) => ({ id: savedFilters.save(name, filter) }),
    'rename-saved-filter': ({ id, name }) => {
      savedFilters.rename(id, name);
      return {};
    },
    'reorder-saved-filters': ({ ids }) => {
      savedFilters.reorder(ids);
      return {};
    },
    'delete-saved-filter': ({ id }) => {
      savedFilters.delete(id);
      return {};
    },

    'record-play': ({ songId }) => library.plays.record(songId),
    'record-comparison': (comparison) => comparisons.record(comparison),
    'list-comparisons': ({ songId, limit }) =>
      songId === undefined ? comparisons.latest(limit) : comparisons.ofSong(songId, limit),

    'get-revisions': () => changes.current(),
    'list-changes': ({ since }) => ({ topics: changes.since(since), revisions: changes.current() }),

    'get-reference-distribution': () => ({ reference: settings.get(referenceSetting) }),
    'set-reference-distribution': ({ reference }) => {
      if (reference === null) settings.remove(referenceSetting);
      else settings.set(referenceSetting, reference);
      return {};
    },

    'get-library-stats': () => ({ file: library.file, ...library.stats() }),
    'back-up-library': ({ file }, { signal }) => library.backUp({ file, signal }),
    'list-backups': () => findBackups(library.file),
    'verify-library': ({ repairs }, { signal }) => verifyLibraryAside(library.file, { repairs, signal }),
  };
}

/** Small waveforms of the songs that have been measured, one after the other. */
function readWaveforms(library: Library, songIds: readonly number[], spans: number) {
  const measured = songIds.flatMap((songId) => {
    const bytes = library.songs.peaksOf(songId);
    if (bytes === null) return [];
    return { songId, peaks: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  });
  const heights = new Uint8Array(measured.length * spans);
  measured.forEach(({ peaks }, index) => {
    heights.set(waveformThumbnail(peaks, spans), index * spans);
  });
  return { songIds: measured.map(({ songId }) => songId), heights };
}

/** Whether there is a library already: looking at one must not create it. */
export function hasLibrary({ folders }: Engine): boolean {
  return libraryExists(folders.libraryFile);
}

/**
 * Refuses to go on where there is no library yet: looking at one must not create it.
 *
 * @throws BangerError `file-missing`
 */
export function requireLibrary(engine: Engine): void {
  const { folders } = engine;
  if (hasLibrary(engine)) return;
  throw new BangerError('file-missing', 'There is no library here yet.', {
    file: folders.libraryFile,
    nextStep: 'Score some songs first, or name another library with --library.',
  });
}

/** Puts a backup in the place of the engine's library, which must not be open. @throws see `restoreLibrary` */
export function restoreBackup({ folders }: Engine, backupFile: string): RestoredLibrary {
  return restoreLibrary(folders.libraryFile, backupFile);
}
