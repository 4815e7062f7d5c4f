/** Reads how a song was made: from the sidecar of its generator, else from the song’s own tags. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { generationSchema, type Generation } from '../../shared/generation.ts';
import { isAceStep1, isAceStep15, readAceStep1, readAceStep15 } from './ace-step.ts';
import { readComfyuiGraph, readComfyuiTags } from './comfyui.ts';
import { readCommonParameters } from './common-parameters.ts';
import type { FoundParameters, GeneratorRecord } from './found-parameters.ts';
import { saysSomething, toGeneration } from './found-parameters.ts';
import { readParamsRecord, readResultsRecord } from './shared-records.ts';
import { generationSidecars, type SidecarKind } from './sidecar-paths.ts';
import type { SongTagMap } from './song-tag-map.ts';
import { isSunoClip, readSunoClip, readSunoTags } from './suno.ts';
import { decodeText, parseUntrustedJson, UnreadableJson } from './untrusted-json.ts';

/** No generator writes more about a song, or about a run of thousands. */
const maxSidecarBytes = 8 * 1024 * 1024;

/** A source that was there and could not be used. */
export interface GenerationProblem {
  file: string;
  /** One sentence for the log. */
  reason: string;
}

export interface ReadGenerationOptions {
  /** The song’s tags by lower-case name, as the audio room reads them. */
  tags?: SongTagMap | undefined;
  /** Learns why a sidecar or a tag was passed over. */
  onProblem?: ((problem: GenerationProblem) => void) | undefined;
}

/**
 * Reads how a song was made. A sidecar that is missing, broken, huge or about something else is passed over, so that
 * nothing here ever stops a song; only what was read wrongly tells `onProblem`.
 *
 * @returns null where nothing says how the song was made
 */
export async function readGeneration(
  songPath: string,
  options: ReadGenerationOptions = {},
): Promise<Generation | null> {
  const path = resolve(songPath);
  for (const { path: sourceFile, kind } of generationSidecars(path)) {
    const generation = await readSidecar(path, sourceFile, kind, options);
    if (generation !== null) return generation;
  }
  return readTags(path, options);
}

async function readSidecar(
  songPath: string,
  sourceFile: string,
  kind: SidecarKind,
  { onProblem }: ReadGenerationOptions,
): Promise<Generation | null> {
  try {
    const bytes = await readSmallFile(sourceFile);
    if (bytes === null) return null;
    const value = parseUntrustedJson(decodeText(bytes));
    const record = { songPath, sourceFile, value };
    const found = recordReaders[kind](record);
    // A shared record that is about other songs is no fault of anybody.
    if (found === null) return null;
    if (!saysSomething(found)) throw new UnreadableJson('it holds no generation parameters');
    return generationSchema.parse(toGeneration(sourceFile, found));
  } catch (thrown) {
    onProblem?.({ file: sourceFile, reason: `This sidecar was passed over: ${reasonOf(thrown)}.` });
    return null;
  }
}

const recordReaders: Record<SidecarKind, (record: GeneratorRecord) => FoundParameters | null> = {
  own: readOwnRecord,
  params: readParamsRecord,
  results: readResultsRecord,
};

/** A record beside one song: of a generator that is known by its fields, else in the common form. */
function readOwnRecord(record: GeneratorRecord): FoundParameters | null {
  const { value } = record;
  if (isAceStep1(value)) return readAceStep1(record);
  if (isAceStep15(value)) return readAceStep15(record);
  if (isSunoClip(value)) return readSunoClip(record);
  const graph = readComfyuiGraph(value);
  if (graph !== null) return graph;
  return Array.isArray(value) ? readParamsRecord(record) : readCommonParameters(value);
}

function readTags(songPath: string, { tags, onProblem }: ReadGenerationOptions): Generation | null {
  if (tags === undefined) return null;
  try {
    const found = readComfyuiTags(tags) ?? readSunoTags(tags);
    return found === null ? null : generationSchema.parse(toGeneration(songPath, found));
  } catch (thrown) {
    onProblem?.({ file: songPath, reason: `The generation tags were passed over: ${reasonOf(thrown)}.` });
    return null;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The content of an ordinary file, null where there is no file. @throws UnreadableJson for a huge or odd one */
async function readSmallFile(path: string): Promise<Buffer | null> {
  // Without waiting, so that a pipe of that name does not hold us up.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
    if (isMissing(thrown)) return null;
    throw thrown;
  });
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UnreadableJson('it is not an ordinary file');
    if (stats.size > maxSidecarBytes) throw new UnreadableJson('it is far too large');
    const buffer = Buffer.alloc(maxSidecarBytes < stats.size + 1 ? maxSidecarBytes : stats.size + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  // A name that is too long for the file system names no file.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
