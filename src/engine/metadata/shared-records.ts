/** Reads records that speak of several songs: the reference project’s `params.json` and `results.json`, and the like. */
import { basename, dirname, parse } from 'node:path';
import { readCommonParameters } from './common-parameters.ts';
import { Fields, isJsonObject, type JsonObject } from './fields.ts';
import type { FoundParameters, GeneratorRecord } from './found-parameters.ts';
import { runKeyOf } from './found-parameters.ts';

/** Names under which a record lists its songs. */
const listNames = ['results', 'songs', 'tracks', 'items', 'outputs', 'entries', 'files', 'generations'];
/** Names under which an entry says which file it means. */
const fileNames = [
  'path',
  'file',
  'filename',
  'file_name',
  'audio',
  'audio_path',
  'audio_file',
  'output',
  'output_path',
];
const maxEntries = 20_000;

/** What a `params.json` says of a song: its own entry where there are entries, else what holds for the folder. */
export function readParamsRecord(record: GeneratorRecord): FoundParameters | null {
  const { value, songPath } = record;
  const entries = entriesOf(value);
  const entry = entries === null ? value : findEntry(entries, songPath);
  return entry === null ? null : describe(record, entry);
}

/** What a `results.json` says of a song; null where no entry is about it. */
export function readResultsRecord(record: GeneratorRecord): FoundParameters | null {
  const entries = entriesOf(record.value);
  const entry = entries === null ? null : findEntry(entries, record.songPath);
  return entry === null ? null : describe(record, entry);
}

function describe({ value, sourceFile }: GeneratorRecord, entry: unknown): FoundParameters {
  const parameters = entry === value ? readCommonParameters(value) : readCommonParameters(entry, value);
  return {
    ...parameters,
    generator: generatorOf(value, parameters),
    runKey: runKeyOf('banger-scorer', runFolder(sourceFile)),
  };
}

/** The reference project states where it lies, or how the scores of its run are spread. */
function generatorOf(value: unknown, { generator }: FoundParameters): FoundParameters['generator'] {
  const fields = new Fields(value);
  return fields.has('ace_step_dir', 'score_min', 'total_generated') ||
    (fields.has('results') && fields.has('num_generated'))
    ? 'banger-scorer'
    : generator;
}

/** The folder of a whole run: each of its songs may lie in one of its own, `candidates/gen_007`. */
function runFolder(sourceFile: string): string {
  const folder = dirname(sourceFile);
  const above = dirname(folder);
  if (!/^gen_\d+$/.test(basename(folder))) return folder;
  return basename(above) === 'candidates' ? dirname(above) : above;
}

interface Entry {
  /** The file that the entry names by itself or by its place in a map; null where it names none. */
  file: string | null;
  value: JsonObject;
}

/** The songs that a record lists, in order; null where it lists none. */
function entriesOf(value: unknown): Entry[] | null {
  const list = isJsonObject(value)
    ? listNames.map((name) => new Fields(value).value(name)).find(isList)
    : value;
  if (Array.isArray(list)) {
    const objects = list.slice(0, maxEntries).filter(isJsonObject);
    return objects.map((entry) => ({ file: fileOf(entry), value: entry }));
  }
  const map = isJsonObject(list) ? list : value;
  if (!isJsonObject(map)) return null;
  const members = Object.entries(map).slice(0, maxEntries);
  const named = members.flatMap(([name, entry]) =>
    isJsonObject(entry) && /\.\w{2,5}$/.test(name) ? [{ file: baseName(name), value: entry }] : [],
  );
  return named.length > 0 ? named : null;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || isJsonObject(value);
}

function fileOf(entry: JsonObject): string | null {
  const path = new Fields(entry).term(...fileNames);
  return path === null ? null : baseName(path);
}

/** The last part of a path of any platform. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/**
 * The entry about a song: by file name, also where the song was converted to another format since; else by the rank
 * and the seed that the reference project puts into the names of its best songs.
 */
function findEntry(entries: readonly Entry[], songPath: string): JsonObject | null {
  const { base, name } = parse(songPath);
  const named =
    entries.find(({ file }) => file === base) ??
    entries.find(({ file }) => file !== null && parse(file).name === name);
  if (named !== undefined) return named.value;
  const ranked = entries[placeInName(name, entries.length)];
  if (ranked !== undefined && agreesWithName(ranked, name)) return ranked.value;
  const agreeing = /seed\d/.test(name) ? entries.filter((entry) => agreesWithName(entry, name)) : [];
  return agreeing.length === 1 ? (agreeing[0]?.value ?? null) : null;
}

/** Entries stand best first; `best_02…` is the second of them, `worst_01…` the last. */
function placeInName(name: string, count: number): number {
  const [, kind, number] = /^(best|banger|worst)_(\d{1,5})(?:_|$)/i.exec(name) ?? [];
  if (number === undefined) return -1;
  return kind?.toLowerCase() === 'worst' ? count - Number(number) : Number(number) - 1;
}

/** Whether an entry has the seed and the tempo that a name states. */
function agreesWithName({ value }: Entry, name: string): boolean {
  const fields = new Fields(value);
  const seed = /seed(\d+)/.exec(name)?.[1];
  const tempo = /bpm(\d+)/.exec(name)?.[1];
  return (
    (seed === undefined || fields.seed('seed') === seed) &&
    (tempo === undefined || String(fields.number({ min: 1, max: 1000 }, 'bpm')) === tempo)
  );
}

/** Folders whose shared records may speak of a song: its own, and the run’s above it. */
export function sharedRecordFolders(songPath: string): string[] {
  const folder = dirname(songPath);
  return [folder, ...(dirname(folder) === folder ? [] : [dirname(folder)])];
}
