/** Reads what Suno leaves: its comment tag, and its description of a clip as download tools save it. */
import { Fields } from './fields.ts';
import type { FoundParameters, GeneratorRecord } from './found-parameters.ts';
import { maxLyricsLength, maxPromptLength } from './found-parameters.ts';
import type { SongTagMap } from './song-tag-map.ts';
import { lyricsTag } from './song-tag-map.ts';

/** What Suno’s comment `made with suno; created=…; id=…` says, null where the song has none. */
export function readSunoTags(tags: SongTagMap): FoundParameters | null {
  const comment = tags['comment'] ?? '';
  if (!/\bmade with suno\b/i.test(comment.slice(0, 1000))) return null;
  const stated = comment
    .slice(0, 1000)
    .split(';')
    .flatMap((part) => {
      const [, name, value] = /^\s*(\w{1,20})\s*=\s*(.+?)\s*$/.exec(part) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value]];
    });
  return {
    generator: 'suno',
    lyrics: lyricsTag(tags, maxLyricsLength),
    found: { comment: comment.slice(0, 1000), ...Object.fromEntries(stated) },
  };
}

/** Whether a record is Suno’s description of a clip. */
export function isSunoClip(value: unknown): boolean {
  const fields = new Fields(value);
  const metadata = new Fields(fields.value('metadata'));
  return (
    (fields.term('model_name', 'mv')?.startsWith('chirp') ?? false) ||
    (fields.has('major_model_version') && fields.has('metadata')) ||
    metadata.has('gpt_description_prompt')
  );
}

/** In Suno’s words, `tags` describe the music and `prompt` holds the lyrics. */
export function readSunoClip({ value }: GeneratorRecord): FoundParameters {
  const clip = new Fields(value);
  const metadata = new Fields(clip.value('metadata'), value);
  return {
    generator: 'suno',
    prompt: metadata.text(maxPromptLength, 'tags', 'gpt_description_prompt'),
    lyrics: metadata.text(maxLyricsLength, 'lyrics', 'lyric', 'prompt'),
    model: clip.term('model_name', 'mv', 'major_model_version'),
    found: value,
  };
}
