/** Reads the common tags from ffmpeg's ffmetadata output. */
import type { SongTags } from '../../shared/audio.ts';

/** The output that writes them; the stream's own tags count too, since Ogg keeps all tags there. */
export const tagOutputArguments: readonly string[] = [
  ...['-map', '0:a:0', '-c', 'copy', '-t', '0', '-f', 'ffmetadata'],
];

const maxTagTextBytes = 512 * 1024;
const maxTagCharacters = 4096;
const tagNames = ['title', 'artist', 'album', 'genre', 'comment'] as const;

/** Gathers the ffmetadata text of one file; what lies beyond the first half megabyte is dropped. */
export class SongTagReader {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(bytes: Buffer): void {
    if (this.#bytes >= maxTagTextBytes) return;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  read(): SongTags {
    return parseSongTags(Buffer.concat(this.#chunks).toString('utf8'));
  }
}

/**
 * The tags in a text of ffmpeg's form: `key=value` lines in which `=`, `;`, `#`, `\` and line feeds are escaped by
 * a backslash, chapters in sections of their own. The file's tags win over the stream's.
 */
export function parseSongTags(text: string): SongTags {
  const tags: SongTags = {};
  let section = 'file';
  for (const [line] of text.matchAll(/(?:[^\\\n]|\\[^])+/g)) {
    if (line.startsWith('[')) section = line;
    if (section !== 'file' && section !== '[STREAM]') continue;
    const [, key, value] = /^((?:[^\\=]|\\[^])*)=([^]*)$/.exec(line) ?? [];
    const name = tagNames.find((tagName) => tagName === key?.toLowerCase());
    const plain = value
      ?.replace(/\\([^])/g, '$1')
      .trim()
      .slice(0, maxTagCharacters);
    if (name === undefined || plain === undefined || plain === '') continue;
    tags[name] ??= plain;
  }
  return tags;
}
