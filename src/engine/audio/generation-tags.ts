/** Reads only those tags of a song in which generators keep how it was made. */
import type { Ffmpeg } from './find-ffmpeg.ts';
import type { InspectOptions } from './inspect-audio.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { SongTagReader, tagOutputArguments, type TagsByName } from './song-tags.ts';

/**
 * The tags by lower-case name; none for a file that ffmpeg cannot read. `inspectAudio` gives the same in the pass
 * that it makes anyway.
 *
 * @throws BangerError `ffmpeg-failed`, `timed-out`, `cancelled`
 */
export async function readGenerationTags(
  ffmpeg: Pick<Ffmpeg, 'path'>,
  path: string,
  { signal, timeoutSeconds = 60 }: InspectOptions = {},
): Promise<TagsByName> {
  const reader = new SongTagReader();
  await runFfmpeg(ffmpeg.path, {
    path,
    signal,
    timeoutSeconds,
    outputArguments: [...tagOutputArguments, 'pipe:3'],
    onSideOutput: (bytes) => {
      reader.push(bytes);
    },
  });
  return reader.read().generationTags;
}
