/**
 * Measures the library with 100,000 songs: lists against one plain scan of what they read, similar songs, and scoring
 * all embeddings by a new head against the time that ONNX Runtime's matrix products alone take for it.
 *
 *     node bench/library.ts [--songs 100000] [--runs 9] [--rounds 3] [--json]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { findSimilarSongs } from '../src/engine/curate/similar-songs.ts';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import type { Library } from '../src/engine/library/library.ts';
import { openLibrary } from '../src/engine/library/open-library.ts';
import { OnnxGraphBuilder } from '../src/engine/models/onnx-writer.ts';
import type { PreparedHead } from '../src/engine/models/prepared-head.ts';
import { prepareHead } from '../src/engine/models/prepared-head.ts';
import { standInGraph } from '../src/engine/models/stand-in-graph.ts';
import { rescoreAll } from '../src/engine/scoring/rescore-library.ts';
import type { EncoderGraph } from '../src/shared/graphs.ts';
import { embeddingOutputName, encoderInputName } from '../src/shared/graphs.ts';
import type { SongFilter, SongSort } from '../src/shared/song-query.ts';
import { songQuerySchema } from '../src/shared/song-query.ts';
import { benchSpace, embeddingSize, ensureBenchLibrary } from './bench-library.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import { randomAround, randomValues } from './random-weights.ts';
import { median } from './statistics.ts';

export interface LibraryBenchOptions {
  songs: number;
  /** How often each list is asked for. */
  runs: number;
  /** How often all songs are scored anew. */
  rounds: number;
}

export const defaultLibraryOptions: LibraryBenchOptions = { songs: 100_000, runs: 9, rounds: 3 };

/** What people do with a list. */
const lists: readonly { name: string; filter: SongFilter; sort?: SongSort; offset?: number }[] = [
  { name: 'all, best first', filter: {} },
  { name: 'all, best first, from the middle', filter: {}, offset: 50_000 },
  { name: 'all by title', filter: {}, sort: { column: 'title', direction: 'ascending' } },
  { name: 'all by time of arrival', filter: {}, sort: { column: 'added', direction: 'descending' } },
  { name: 'last night’s', filter: { batch: 'latest' } },
  { name: 'score at least 8', filter: { score: { min: 8 } } },
  {
    name: 'undecided, 120 to 128 bpm',
    filter: { verdicts: ['undecided'], tempoBpm: { min: 120, max: 128 } },
  },
  {
    name: 'one genre, by loudness',
    filter: { genres: ['ambient'] },
    sort: { column: 'loudness', direction: 'descending' },
  },
  { name: 'one folder', filter: { folder: '/music/generated/night 7' } },
  { name: 'not clipped', filter: { withoutFlags: ['clipped'] } },
  { name: 'text in few songs', filter: { text: 'take 77123' } },
  { name: 'text in a third of all songs', filter: { text: 'granular' } },
  { name: 'text of two characters', filter: { text: '夜曲' } },
];

/** Whole orders, as a window asks for them. */
const orders: readonly { name: string; sort: SongSort; groupBy?: 'folder' }[] = [
  { name: 'best first', sort: { column: 'score', direction: 'descending' } },
  { name: 'worst first', sort: { column: 'score', direction: 'ascending' } },
  { name: 'by title', sort: { column: 'title', direction: 'ascending' } },
  { name: 'by time of arrival', sort: { column: 'added', direction: 'descending' } },
  {
    name: 'best first, by folder',
    sort: { column: 'score', direction: 'descending' },
    groupBy: 'folder',
  },
];

interface ListMeasurement {
  name: string;
  total: number;
  /** First answer after a change, milliseconds. */
  coldMs: number[];
  /** The same list again, as when it is scrolled. */
  warmMs: number[];
}

interface RescoreMeasurement {
  /** Scoring and storing all songs by a head that has scored none of them. */
  rescoreSeconds: number[];
  /** The head's matrix products over as many rows, in the inference process, without transport. */
  productSeconds: number[];
  /** The head over as many embeddings that lie in memory, with the way to the inference process and back. */
  modelSeconds: number[];
}

/** Lists, similar songs and scores of one large library. */
export async function benchLibrary(options: LibraryBenchOptions): Promise<BenchResult> {
  const { file, songs } = ensureBenchLibrary(options.songs);
  // A copy, so that the next run finds the library as it was made.
  const copy = `${file}.${process.pid}.copy`;
  fs.copyFileSync(file, copy);
  try {
    const library = openLibrary(copy);
    try {
      const scanMs = measureScan(library, options.runs);
      const measuredLists = lists.map((list) => measureList(library, list, options.runs));
      const measuredOrders = orders.map((order) => measureOrder(library, order, options.runs));
      const similarMs = await measureSimilar(library, songs, options.runs);
      const rescore = await measureRescore(library, options);
      const measured = { songs, scanMs, lists: measuredLists, orders: measuredOrders, similarMs, ...rescore };
      return {
        bench: `library of ${songs} songs`,
        machine: await describeMachine(),
        measured,
        figures: figuresOf(scanMs, measuredLists, measuredOrders, similarMs, rescore),
      };
    } finally {
      library.close();
    }
  } finally {
    for (const suffix of ['', '-wal', '-shm']) fs.rmSync(copy + suffix, { force: true });
  }
}

/** One plain pass over the rows that lists read, without scores, order or rows to show. */
function measureScan(library: Library, runs: number): number[] {
  const filter: SongFilter = { missing: 'shown', durationSeconds: { min: 0 } };
  // A count is kept until something changes.
  const bump = () => {
    library.changes.bump('songs');
  };
  return timed(runs, () => library.lists.count(filter), bump);
}

function measureList(library: Library, list: (typeof lists)[number], runs: number): ListMeasurement {
  const { name, filter, sort, offset } = list;
  const query = songQuerySchema.parse({ filter, sort, offset });
  const { total } = library.lists.page(query);
  const coldMs = timed(
    runs,
    () => library.lists.page(query),
    () => {
      library.changes.bump('songs');
    },
  );
  return { name, total, coldMs, warmMs: timed(runs, () => library.lists.page(query)) };
}

function measureOrder(
  library: Library,
  { name, ...list }: (typeof orders)[number],
  runs: number,
): ListMeasurement {
  const query = { filter: {}, rowCount: 60, ...list };
  const { songIds } = library.lists.order(query);
  const coldMs = timed(
    runs,
    () => library.lists.order(query),
    () => {
      library.changes.bump('songs');
    },
  );
  return { name, total: songIds.length, coldMs, warmMs: timed(runs, () => library.lists.order(query)) };
}

async function measureSimilar(library: Library, songs: number, runs: number): Promise<number[]> {
  const find = (songId: number) => findSimilarSongs(library, songId, { limit: 10, includesMissing: true });
  // The mean of the space is measured once and kept.
  await find(1);
  const milliseconds: number[] = [];
  for (let run = 0; run < Math.ceil(runs / 3); run += 1) {
    const started = performance.now();
    await find(1 + Math.floor((songs * run) / runs));
    milliseconds.push(performance.now() - started);
  }
  return milliseconds;
}

async function measureRescore(
  library: Library,
  { songs, rounds }: LibraryBenchOptions,
): Promise<RescoreMeasurement> {
  const inference = new InferenceClient();
  const ceiling = new InferenceClient();
  const measured: RescoreMeasurement = { rescoreSeconds: [], productSeconds: [], modelSeconds: [] };
  try {
    const head = await readHead();
    // Starts the process and loads the head, which is not part of scoring.
    await inference.score(sourceOf(head), new Float32Array(embeddingSize));
    measured.productSeconds.push(await measureProducts(ceiling, songs));
    for (let round = 0; round < rounds; round += 1) {
      const name = `new head ${round}`;
      // The same weights under another name: it has scored nothing yet.
      const unused = { ...head, description: { ...head.description, name, sha256: `${name} ${Date.now()}` } };
      await inference.score(sourceOf(unused), new Float32Array(embeddingSize));
      const started = performance.now();
      await rescoreAll(library, inference, benchSpace(library), unused);
      measured.rescoreSeconds.push((performance.now() - started) / 1000);
      measured.modelSeconds.push(await measureModel(inference, head, songs));
      measured.productSeconds.push(await measureProducts(ceiling, songs));
    }
  } finally {
    await Promise.all([inference.close(), ceiling.close()]);
  }
  return measured;
}

/** The published head’s shape, from the fixture that the tests use. */
function readHead(): Promise<PreparedHead> {
  const folder = path.join(import.meta.dirname, '..', 'test', 'fixtures', 'parity', 'head');
  return prepareHead(
    { source: 'file', id: 'bench', file: path.join(folder, 'scorer_model.pt'), encoderId: null },
    { cacheFolder: path.join(os.tmpdir(), 'banger-bench') },
  );
}

function sourceOf(head: PreparedHead) {
  return { key: head.description.sha256, build: () => Promise.resolve(head.graph) };
}

/** Seconds of the head over embeddings from memory. */
async function measureModel(inference: InferenceClient, head: PreparedHead, songs: number): Promise<number> {
  const embeddings = randomValues('embeddings', 2 * rowsAtOnce * embeddingSize);
  const started = performance.now();
  for (let row = 0; row < songs; row += 2 * rowsAtOnce) await inference.score(sourceOf(head), embeddings);
  return (performance.now() - started) / 1000;
}

/** Widths of the published head. */
const headWidths = [embeddingSize, 512, 256, 128, 1];
const rowsAtOnce = 2048;

/** Seconds of the head's products over all songs, as the runtime itself needs them. */
async function measureProducts(inference: InferenceClient, songs: number): Promise<number> {
  const source = { key: 'head-products', build: () => Promise.resolve(buildHeadProducts()) };
  const samples = randomValues('embeddings', rowsAtOnce * embeddingSize);
  await inference.encode(source, samples);
  let seconds = 0;
  for (let row = 0; row < songs; row += rowsAtOnce) {
    seconds += (await inference.encode(source, samples)).seconds;
  }
  return seconds;
}

/** The products of the head and nothing else, in an encoder's form, so that the same process times them. */
function buildHeadProducts(): EncoderGraph {
  const graph = new OnnxGraphBuilder('head-products');
  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  let value = graph.node('Reshape', [waveform, graph.integers([-1, embeddingSize])]);
  for (const [index, outputs] of headWidths.slice(1).entries()) {
    const inputs = headWidths[index] ?? 0;
    const name = `layer.${index}`;
    const values = randomAround(name, inputs * outputs, 0, Math.sqrt(1 / inputs));
    const weight = graph.floats(name, [outputs, inputs], values);
    value = graph.node('Gemm', [value, weight], { attributes: { transB: { int: 1 } } });
  }
  graph.node('ReduceMean', [value, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, 1]);
  return standInGraph(graph, { minimumSamples: embeddingSize, embeddingSize: 1 });
}

/** Milliseconds of each run. */
function timed(runs: number, work: () => unknown, before: () => void = () => undefined): number[] {
  return Array.from({ length: runs }, () => {
    before();
    const started = performance.now();
    work();
    return performance.now() - started;
  });
}

function figuresOf(
  scanMs: number[],
  measuredLists: ListMeasurement[],
  measuredOrders: ListMeasurement[],
  similarMs: number[],
  { rescoreSeconds, productSeconds, modelSeconds }: RescoreMeasurement,
): Figure[] {
  const scan = median(scanMs);
  const inMs = (values: number[]) => `${median(values).toFixed(1)} ms`;
  const ratio = (value: number) => `${value.toFixed(2)}×`;
  return [
    { name: 'one plain scan', value: inMs(scanMs) },
    ...measuredLists.map(({ name, total, coldMs, warmMs }) => ({
      name: `100 of ${total}: ${name}`,
      value: `${inMs(coldMs)} = ${ratio(median(coldMs) / scan)} the scan; again ${inMs(warmMs)}`,
    })),
    ...measuredOrders.map(({ name, total, coldMs, warmMs }) => ({
      name: `order of ${total}: ${name}`,
      value: `${inMs(coldMs)} = ${ratio(median(coldMs) / scan)} the scan; again ${inMs(warmMs)}`,
    })),
    { name: 'similar songs', value: `${inMs(similarMs)} = ${ratio(median(similarMs) / scan)} the scan` },
    { name: 'all scores by a new head', value: `${median(rescoreSeconds).toFixed(2)} s` },
    {
      name: 'its matrix products alone',
      value: `${median(productSeconds).toFixed(2)} s; all scores take ${ratio(median(rescoreSeconds) / median(productSeconds))} that`,
    },
    {
      name: 'the head from memory',
      value: `${median(modelSeconds).toFixed(2)} s; all scores take ${ratio(median(rescoreSeconds) / median(modelSeconds))} that`,
    },
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      songs: { type: 'string', default: String(defaultLibraryOptions.songs) },
      runs: { type: 'string', default: String(defaultLibraryOptions.runs) },
      rounds: { type: 'string', default: String(defaultLibraryOptions.rounds) },
      json: { type: 'boolean', default: false },
    },
  });
  const count = z.coerce.number().int().min(1);
  const result = await benchLibrary({
    songs: count.parse(values.songs),
    runs: count.parse(values.runs),
    rounds: count.parse(values.rounds),
  });
  printResults([result], values.json);
}
