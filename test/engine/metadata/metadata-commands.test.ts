/** The commands about tags: what may be written, and that one file’s failure stops no other. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  metadataHandlers,
  plannedTags,
  type MetadataSources,
  type TaggableFile,
} from '../../../src/engine/metadata/metadata-commands.ts';
import { readOwnTags } from '../../../src/engine/metadata/write-tags.ts';
import { callCommand } from '../../../src/shared/call-command.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { metadataCommands } from '../../../src/shared/metadata-commands.ts';
import { makeSound } from '../../support/make-audio.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const scored: TaggableFile = { path: '/music/a.mp3', score: 7.256, isDraft: false, stars: 3 };

describe('plannedTags', () => {
  it('writes a score with two decimals and stars as a share of five', () => {
    expect(plannedTags(scored, ['score', 'stars'])).toEqual({
      changes: { BANGER_SCORE: '7.26', FMPS_Rating: '0.6' },
      refusals: [],
    });
    expect(plannedTags(scored, ['stars']).changes).toEqual({ FMPS_Rating: '0.6' });
    expect(plannedTags({ ...scored, score: 10 }, ['score']).changes).toEqual({ BANGER_SCORE: '10.00' });
  });

  it('leaves the rating of a song alone that has no stars', () => {
    expect(plannedTags({ ...scored, stars: 0 }, ['score', 'stars'])).toEqual({
      changes: { BANGER_SCORE: '7.26' },
      refusals: [],
    });
  });

  it('never writes a draft score, nor one that is not there', () => {
    for (const file of [
      { ...scored, isDraft: true },
      { ...scored, score: null },
    ]) {
      const { changes, refusals } = plannedTags(file, ['score', 'stars']);
      expect(changes).toEqual({ FMPS_Rating: '0.6' });
      expect(refusals).toMatchObject([{ code: 'tags-refused', file: scored.path }]);
      expect(plannedTags(file, ['stars']).refusals).toEqual([]);
    }
  });
});

describe('the commands', () => {
  /** Knows the songs by their id. */
  function sourcesOf(files: Record<number, TaggableFile>): MetadataSources {
    return {
      identify: () => Promise.resolve('same'),
      findTaggable: (song) => {
        const file = 'songId' in song ? files[song.songId] : undefined;
        if (file === undefined) throw new BangerError('song-unknown', 'The library does not know this song.');
        return file;
      },
      refreshGeneration: () => Promise.resolve(null),
    };
  }

  it('answers for each song, whatever became of the others', async () => {
    const path = inFolder('a.flac');
    await makeSound(path, 'sine=d=0.2');
    const handlers = metadataHandlers(
      sourcesOf({
        1: { ...scored, path },
        2: { ...scored, path: inFolder('gone.mp3') },
        3: { ...scored, path: null },
        5: { ...scored, path, score: null, stars: 0 },
      }),
    );
    const songs = [1, 2, 3, 4, 5].map((songId) => ({ songId }));
    const { files } = await callCommand(metadataCommands, handlers, 'write-tags', {
      songs,
      kinds: ['score', 'stars'],
    });
    const tags = { BANGER_SCORE: '7.26', FMPS_Rating: '0.6' };
    expect(files).toMatchObject([
      { path, isChanged: true, before: {}, after: tags, errors: [] },
      { path: join(inFolder(), 'gone.mp3'), isChanged: false, errors: [{ code: 'file-missing' }] },
      { path: null, isChanged: false, errors: [{ code: 'file-missing' }] },
      { path: null, isChanged: false, errors: [{ code: 'song-unknown' }] },
      { path, isChanged: false, errors: [{ code: 'tags-refused' }] },
    ]);
    expect(await readOwnTags(path)).toEqual(tags);

    const removed = await callCommand(metadataCommands, handlers, 'remove-tags', { songs: [{ songId: 1 }] });
    expect(removed.files).toMatchObject([{ isChanged: true, before: tags, after: {} }]);
  });

  it('stops when it is cancelled', async () => {
    const handlers = metadataHandlers(sourcesOf({ 1: scored }));
    const request = { songs: [{ songId: 1 }], kinds: ['stars'] as const };
    await expect(
      callCommand(metadataCommands, handlers, 'write-tags', request, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses requests that say nothing', async () => {
    const handlers = metadataHandlers(sourcesOf({}));
    for (const request of [
      { songs: [], kinds: ['score'] },
      { songs: [{ songId: 1 }], kinds: [] },
      { songs: [{}] },
    ]) {
      await expect(callCommand(metadataCommands, handlers, 'write-tags', request)).rejects.toMatchObject({
        code: 'usage',
      });
    }
  });
});
