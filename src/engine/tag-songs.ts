/** Connects the commands about tags and generations with the library and ffmpeg. */
import { resolve } from 'node:path';
import type { CommandHandlers } from '../shared/contract.ts';
import { BangerError } from '../shared/errors.ts';
import type { metadataCommands, SongFile } from '../shared/metadata-commands.ts';
import { readGenerationTags } from './audio/generation-tags.ts';
import { inspectAudio } from './audio/inspect-audio.ts';
import type { Engine } from './engine.ts';
import type { Library } from './library/library.ts';
import { metadataHandlers, type TaggableFile } from './metadata/metadata-commands.ts';
import { keepGeneration } from './scoring/song-generation.ts';

/** The handlers of the metadata commands over an engine’s library. */
export function metadataHandlersOf(
  engine: Pick<Engine, 'library' | 'findFfmpeg'>,
): CommandHandlers<typeof metadataCommands> {
  return metadataHandlers({
    findTaggable: (song) => findTaggable(engine.library, song),
    identify: async (path, signal) =>
      (await inspectAudio(await engine.findFfmpeg(), path, { signal })).identity,
    refreshGeneration: async (songId, signal) => {
      const { library } = engine;
      if (library.songs.byId(songId) === null) throw unknownSong(`song ${songId}`);
      for (const { path, missingSinceMs } of library.files.ofSong(songId)) {
        if (missingSinceMs !== null) continue;
        const tags = await readGenerationTags(await engine.findFfmpeg(), path, { signal });
        await keepGeneration(library, songId, path, tags);
      }
      return library.generations.ofSong(songId);
    },
  });
}

/** A file with its song’s score in the ranking in use, which is a draft’s only where there is no other. */
function findTaggable(library: Library, song: SongFile): TaggableFile {
  const path = 'path' in song ? resolve(song.path) : null;
  const songId = 'path' in song ? library.files.byPath(resolve(song.path))?.song?.id : song.songId;
  const [row] = songId === undefined ? [] : library.lists.rowsOf([songId]);
  if (row === undefined) throw unknownSong(path ?? `song ${songId ?? ''}`);
  const best = row.isMissing ? null : row.path;
  return { path: path ?? best, score: row.score, isDraft: row.isDraft, stars: row.stars };
}

function unknownSong(file: string): BangerError {
  return new BangerError('song-unknown', 'The library does not know this song.', {
    file,
    nextStep: 'Score it first.',
  });
}
