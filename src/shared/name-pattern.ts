/** Name patterns such as `{rank:03} {score} {title}`: how exported files are called. */
import { BangerError } from './errors.ts';
import type { ExportEntry } from './export-entry.ts';
import { splitFilePath } from './file-path.ts';

/** The pattern that is used where none is given. */
export const defaultNamePattern = '{rank:03} {title}';

/** What a pattern asks of a song. */
export type PatternEntry = Pick<
  ExportEntry,
  'rank' | 'score' | 'title' | 'artist' | 'album' | 'path' | 'stars' | 'verdict' | 'musicalKey' | 'tempoBpm'
>;

type Value = string | number | null;

/** Everything that a pattern can say about a song. */
const fields: Readonly<Record<string, (entry: PatternEntry) => Value>> = {
  rank: ({ rank }) => rank,
  score: ({ score }) => score,
  title: ({ title }) => title,
  artist: ({ artist }) => artist,
  album: ({ album }) => album,
  name: ({ path }) => splitFilePath(path).base,
  ext: ({ path }) => splitFilePath(path).extension.slice(1),
  stars: ({ stars }) => stars,
  verdict: ({ verdict }) => verdict,
  key: ({ musicalKey }) => musicalKey,
  bpm: ({ tempoBpm }) => (tempoBpm === null ? null : Math.round(tempoBpm)),
};

/** Names of all fields, for messages and help. */
export const patternFields: readonly string[] = Object.keys(fields);

/** Gives the text that a pattern makes of a song; still any text, not yet a legal name. */
export type NamePattern = (entry: PatternEntry) => string;

/**
 * Reads a pattern. `{field}` stands for a field, `{field:03}` for a number with leading zeros, `{field:.1}` for one
 * with that many decimals, `{{` and `}}` for braces. A score has two decimals unless told.
 *
 * @throws BangerError `usage` for an unknown field, a wrong format, a lone brace, or a slash: all files go into one
 *   folder
 */
export function parseNamePattern(pattern: string): NamePattern {
  if (pattern.trim() === '') throw wrongPattern(pattern, 'The name pattern is empty.');
  if (/[/\\]/.test(pattern)) {
    throw wrongPattern(pattern, 'The name pattern has a slash, but all files go into one folder.');
  }
  const parts = [...pattern.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g)].map(([text, field]) => {
    if (field !== undefined) return parseField(pattern, field);
    if (text === '{' || text === '}')
      throw wrongPattern(pattern, 'A brace in the name pattern stands alone.');
    const literal = text === '{{' ? '{' : text === '}}' ? '}' : text;
    return () => literal;
  });
  return (entry) => parts.map((part) => part(entry)).join('');
}

function parseField(pattern: string, text: string): NamePattern {
  const [, name = '', format] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (read === undefined) throw wrongPattern(pattern, `The name pattern has an unknown field “${name}”.`);
  const [, width, decimals] = /^(?:0(\d{1,2}))?(?:\.(\d))?$/.exec(format ?? '') ?? [];
  const isFormatRight = format === undefined || width !== undefined || decimals !== undefined;
  if (!isFormatRight) throw wrongPattern(pattern, `The name pattern has a wrong number format “${format}”.`);
  const places = decimals === undefined ? (name === 'score' ? 2 : 0) : Number(decimals);
  return (entry) => {
    const value = read(entry);
    if (typeof value !== 'number') return value ?? '';
    return value.toFixed(places).padStart(Number(width ?? 0), '0');
  };
}

function wrongPattern(pattern: string, message: string): BangerError {
  return new BangerError('usage', message, {
    nextStep: `Use these fields: ${patternFields.map((name) => `{${name}}`).join(' ')}; numbers also as {rank:03}.`,
    details: pattern,
  });
}
