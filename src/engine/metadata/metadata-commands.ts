/** Answers the commands about what files say of songs. */
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { CommandHandlers } from '../../shared/contract.ts';
import type { Generation } from '../../shared/generation.ts';
import type { metadataCommands, SongFile, TaggedFile, TagKind } from '../../shared/metadata-commands.ts';
import type { TagChanges } from './tags/tag-format.ts';
import { removeAbandonedCopies, writeTags, type WriteTagsOptions } from './write-tags.ts';

/** A file and what may be written into it. */
export interface TaggableFile {
  /** Null for a song that has no file. */
  path: string | null;
  /** 0 to 10 in the ranking in use, null where the song has none. */
  score: number | null;
  isDraft: boolean;
  /** 0 for none. */
  stars: number;
}

/** What the commands need of the rest of the engine. */
export interface MetadataSources extends Pick<WriteTagsOptions, 'identify'> {
  /** @throws BangerError `song-unknown` */
  findTaggable: (song: SongFile) => TaggableFile;
  /** Reads a song’s sidecars and tags, and keeps what they say. @throws BangerError `song-unknown` */
  refreshGeneration: (songId: number, signal: AbortSignal | undefined) => Promise<Generation | null>;
}

/** The handlers, over a library that they do not know. One file’s failure is in its answer and stops no other. */
export function metadataHandlers(sources: MetadataSources): CommandHandlers<typeof metadataCommands> {
  return {
    'read-generation': async ({ songId }, { signal }) => ({
      generation: await sources.refreshGeneration(songId, signal),
    }),
    'write-tags': ({ songs, kinds }, { signal }) =>
      tagAll(sources, songs, signal, (file) => plannedTags(file, kinds)),
    'remove-tags': ({ songs }, { signal }) =>
      tagAll(sources, songs, signal, () => ({
        changes: { BANGER_SCORE: null, FMPS_Rating: null },
        refusals: [],
      })),
  };
}

interface PlannedTags {
  changes: TagChanges;
  refusals: BangerError[];
}

/** What is written into a file, and what is not and why. */
export function plannedTags(file: TaggableFile, kinds: readonly TagKind[]): PlannedTags {
  const { score, isDraft, stars } = file;
  const changes: { -readonly [Name in keyof TagChanges]: TagChanges[Name] } = {};
  const refusals: BangerError[] = [];
  if (kinds.includes('score')) {
    if (score !== null && !isDraft) changes.BANGER_SCORE = score.toFixed(2);
    else refusals.push(refusedScore(file));
  }
  if (kinds.includes('stars') && stars > 0) changes.FMPS_Rating = (stars / 5).toFixed(1);
  return { changes, refusals };
}

function refusedScore({ path, score }: TaggableFile): BangerError {
  const message =
    score === null
      ? 'This song has no score that could be written into its tags.'
      : 'Draft scores are not written into tags: they only order one list.';
  return new BangerError('tags-refused', message, {
    file: path ?? undefined,
    nextStep: 'Score the song with MERT first, or write only the stars.',
  });
}

async function tagAll(
  sources: MetadataSources,
  songs: readonly SongFile[],
  signal: AbortSignal | undefined,
  plan: (file: TaggableFile) => PlannedTags,
): Promise<{ files: TaggedFile[] }> {
  const files: TaggedFile[] = [];
  const cleaned = new Set<string>();
  for (const song of songs) {
    if (signal?.aborted === true) {
      throw new BangerError('cancelled', `Writing tags was cancelled; ${files.length} files are done.`);
    }
    files.push(await tagOne(sources, song, { signal, plan, cleaned }));
  }
  return { files };
}

async function tagOne(
  { findTaggable, identify }: MetadataSources,
  song: SongFile,
  {
    signal,
    plan,
    cleaned,
  }: { signal: AbortSignal | undefined; plan: (file: TaggableFile) => PlannedTags; cleaned: Set<string> },
): Promise<TaggedFile> {
  const outcome: TaggedFile = {
    path: 'path' in song ? song.path : null,
    ...{ isChanged: false, before: null, after: null, errors: [] },
  };
  try {
    const file = findTaggable(song);
    outcome.path = file.path;
    const { changes, refusals } = plan(file);
    outcome.errors.push(...refusals.map((refusal) => refusal.toRecord()));
    if (file.path === null) throw new BangerError('file-missing', 'No file of this song is there.');
    if (Object.keys(changes).length === 0) return outcome;
    await removeAbandonedCopies(file.path, cleaned);
    return { ...outcome, ...(await writeTags(file.path, changes, { identify, signal })) };
  } catch (thrown) {
    const error = asBangerError(thrown);
    if (error.code === 'cancelled') throw error;
    outcome.errors.push(error.toRecord());
    return outcome;
  }
}
