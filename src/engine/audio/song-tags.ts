/** Reads the common tags from ffmpeg's ffmetadata output. */
import type { SongTags } from '../../shared/audio.ts';

/** The output that writes them; the stream's own tags count too, since Ogg keeps all tags there. */
export const tagOutputArguments: readonly string[] = [
  ...['-map', '0:a:0', '-c', 'copy', '-t', '0', '-f', 'ffmetadata'],
];

const maxTagTextBytes = 4 * 1024 * 1024;
const maxTagCharacters = 4096;
const tagNames = ['title', 'artist', 'album', 'genre', 'comment'] as const;

/** Names under which generators keep how a song was made; ID3 adds a language to `lyrics`. */
const generationTagNames = /^(?:prompt|workflow|comment|description|lyrics(?:-.*)?|unsyncedlyrics)$/;

/** Tags by lower-case name, each in full. */
export type TagsByName = Readonly<Record<string, string>>;

/** Gathers the ffmetadata text of one file; what lies beyond the first 4 MiB is dropped. */
export class SongTagReader {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(bytes: Buffer): void {
    if (this.#bytes >= maxTagTextBytes) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  /** The common tags, and those that may say how the song was made. */
  read(): { tags: SongTags; generationTags: TagsByName } {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    const all = parseTagText(text);
    const generationTags = [...all].filter(([name]) => generationTagNames.test(name));
    return { tags: commonTags(all), generationTags: Object.fromEntries(generationTags) };
  }
}

/** The common tags in a text of ffmpeg's form; see `parseTagText`. */
export function parseSongTags(text: string): SongTags {
  return commonTags(parseTagText(text));
}

function commonTags(all: ReadonlyMap<string, string>): SongTags {
  const tags: SongTags = {};
  for (const name of tagNames) {
    const value = all.get(name)?.trim().slice(0, maxTagCharacters);
    if (value !== undefined && value !== '') tags[name] = value;
  }
  return tags;
}

/**
 * All tags in a text of ffmpeg's form: `key=value` lines in which `=`, `;`, `#`, `\` and line feeds are escaped by
 * a backslash, chapters in sections of their own. The file's tags win over the stream's.
 */
function parseTagText(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  let section = 'file';
  for (const line of linesOf(text)) {
    if (line.startsWith('[')) section = line;
    if (section !== 'file' && section !== '[STREAM]') continue;
    const equals = plainIndexOf(line, '=', 0);
    if (equals < 0) continue;
    const name = unescape(line.slice(0, equals)).toLowerCase();
    const value = unescape(line.slice(equals + 1));
    if (!tags.has(name) && value.trim() !== '') tags.set(name, value);
  }
  return tags;
}

/** The lines of a text, where a backslash before a line feed keeps a line together. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = plainIndexOf(text, '\n', start);
    yield text.slice(start, end < 0 ? undefined : end);
    if (end < 0) return;
    start = end + 1;
  }
}

/** The first place of a character that no backslash escapes, -1 where there is none. */
function plainIndexOf(text: string, character: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === character) return index;
    if (text[index] === '\\') index += 1;
  }
  return -1;
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, '$1');
}
