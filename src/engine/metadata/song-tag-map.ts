/** Tags of a song as generators write them: any name, in lower case, with its text. */
import { cleanText } from './fields.ts';

export type SongTagMap = Readonly<Record<string, string>>;

/** Lyrics from a tag; ID3 adds a language to the name. */
export function lyricsTag(tags: SongTagMap, maxLength: number): string | null {
  const name = Object.keys(tags).find((tagName) => /^(?:unsynced ?)?lyrics(?:-|$)/.test(tagName));
  return name === undefined ? null : cleanText(tags[name] ?? '', maxLength);
}
