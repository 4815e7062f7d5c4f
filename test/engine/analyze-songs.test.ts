/** Tempo and key are kept as songs are scored, and measured later where they are not known. */
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { analysisHandlers, analyzeSongs } from '../../src/engine/analyze-songs.ts';
import { Engine } from '../../src/engine/engine.ts';
import { analysisCommands, type SongAnalysisProgress } from '../../src/shared/analysis-commands.ts';
import { callCommand, type CommandRequest } from '../../src/shared/call-command.ts';
import type { EngineEvent } from '../../src/shared/engine-commands.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { writeWav } from '../support/make-audio.ts';
import { useSongFolder } from '../support/song-folder.ts';
import type { Clip } from '../support/synthetic-music.ts';
import { clipRateHz, makeNoise, makeProgression } from '../support/synthetic-music.ts';

const madeSong = useSongFolder();
const inFolder = useFreshFolder();
const files = ['asked.wav', 'noise.wav', 'plain.wav', 'short.wav'] as const;
let engine: Engine;
const events: EngineEvent[] = [];

beforeAll(async () => {
  const music = (tonic: number, bpm: number) =>
    makeProgression({ tonic, mode: 'minor', degrees: [1, 4, 5, 1], bpm, drums: true });
  await write('plain.wav', music(9, 110));
  await write('asked.wav', music(0, 90));
  await write('noise.wav', makeNoise());
  await writeWav(madeSong('short.wav'), new Int16Array(clipRateHz).fill(500), {
    sampleRateHz: clipRateHz,
    channels: 1,
  });
});
beforeEach(async () => {
  events.length = 0;
  for (const file of files) copyFileSync(madeSong(file), inFolder(file));
  writeFileSync(inFolder('asked.json'), JSON.stringify({ prompt: 'slow', seed: 1, bpm: 64 }));
  engine = await openEngine();
});
afterEach(() => engine.close());

function write(file: string, { samples }: Clip): Promise<void> {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const scaled = Int16Array.from(samples, (sample) => Math.round((20_000 * sample) / loudest));
  return writeWav(madeSong(file), scaled, { sampleRateHz: clipRateHz, channels: 1 });
}

function openEngine(): Promise<Engine> {
  const folders = { modelsFolder: inFolder('models'), cacheFolder: inFolder('cache') };
  return Engine.open({ folders: { ...folders, libraryFile: inFolder('library.sqlite') } });
}

async function score(): Promise<void> {
  const paths = files.map((file) => inFolder(file));
  for await (const { result } of engine.score({ files: paths, usesLibrary: true, encoder: 'draft' })) {
    expect(result.error).toBeNull();
  }
}

/** The library as one that an older version of the product has filled. */
async function forgetMeasurements(): Promise<void> {
  await engine.close();
  new Database(inFolder('library.sqlite')).exec('DELETE FROM sound_analyses').close();
  engine = await openEngine();
  expect(soundsOf('plain.wav')).toMatchObject({ tempoBpm: null, musicalKey: null, soundAnalysis: null });
}

function soundsOf(file: string) {
  const songId = engine.library.files.byPath(inFolder(file))?.song?.id ?? 0;
  const [row] = engine.library.lists.rowsOf([songId], { missing: 'shown' });
  return {
    ...{ tempoBpm: row?.tempoBpm, musicalKey: row?.musicalKey },
    soundAnalysis: engine.library.soundAnalyses.ofSong(songId),
  };
}

const listed = (filter: object) =>
  engine.library.lists
    .page({ filter, sort: { column: 'tempo', direction: 'ascending' }, offset: 0, limit: 10 })
    .rows.map(({ path }) => path?.split('/').pop());

test('scoring keeps tempo and key; the generator’s word comes first in lists, filters and orders', async () => {
  await score();
  expect(soundsOf('plain.wav')).toMatchObject({ tempoBpm: 110, musicalKey: 'A minor' });
  expect(soundsOf('asked.wav')).toMatchObject({
    ...{ tempoBpm: 64, musicalKey: 'C minor' },
    soundAnalysis: { tempoBpm: 90, musicalKey: 'C minor', detectorVersion: engine.soundMeter.version },
  });
  for (const file of ['noise.wav', 'short.wav']) {
    expect(soundsOf(file)).toMatchObject({ tempoBpm: null, musicalKey: null });
  }
  expect(listed({ tempoBpm: { min: 50 } })).toEqual(['asked.wav', 'plain.wav']);
  expect(listed({ tempoBpm: { min: 85, max: 95 } })).toEqual([]);
  expect(listed({ musicalKeys: ['a minor'] })).toEqual(['plain.wav']);
  expect(engine.library.lists.distinctValues('musical_key')).toEqual(['A minor', 'C minor']);
  expect(engine.library.soundAnalyses.count(engine.soundMeter.version)).toEqual({ analyzed: 4, pending: 0 });
  expect(engine.library.care.countOutdated()).toBe(0);
});

test('known songs are measured later, whatever became of their files', async () => {
  await score();
  const before = soundsOf('asked.wav').soundAnalysis;
  await forgetMeasurements();
  // One is gone, one holds other audio by now, and one cannot be read.
  rmSync(inFolder('plain.wav'));
  renameSync(inFolder('short.wav'), inFolder('noise.wav'));
  const steps: SongAnalysisProgress[] = [];
  const report = await analyzeSongs(engine, { onProgress: (progress) => steps.push(progress) });
  expect(report).toMatchObject({ done: 4, total: 4, failed: 0, missing: 3 });
  expect(steps.map(({ done }) => done)).toEqual([1, 2, 3, 4]);
  expect(soundsOf('asked.wav').soundAnalysis).toMatchObject({
    ...before,
    analyzedAtMs: expect.any(Number) as number,
  });
  copyFileSync(madeSong('plain.wav'), inFolder('plain.wav'));
  writeFileSync(inFolder('noise.wav'), 'no audio');
  expect(await analyzeSongs(engine)).toMatchObject({ done: 3, failed: 1, missing: 1 });
  expect(soundsOf('plain.wav')).toMatchObject({ tempoBpm: 110, musicalKey: 'A minor' });
});

test('a measuring that is ended goes on where it was; one at a time is done', async () => {
  await score();
  await forgetMeasurements();
  const handlers = analysisHandlers(engine, (event) => events.push(event));
  const call = <Name extends keyof typeof analysisCommands>(
    name: Name,
    request: CommandRequest<typeof analysisCommands, Name>,
  ) => callCommand(analysisCommands, handlers, name, request);
  const measuring = call('analyze-songs', {});
  await expect(call('analyze-songs', {})).rejects.toMatchObject({ code: 'usage' });
  await call('cancel-song-analysis', {});
  await expect(measuring).rejects.toMatchObject({ code: 'cancelled' });
  expect(await call('get-song-analysis', {})).toMatchObject({ progress: null });
  const { analyzed, pending } = engine.library.soundAnalyses.count(engine.soundMeter.version);
  expect(analyzed + pending).toBe(4);
  expect(await call('analyze-songs', {})).toEqual({ done: pending, total: pending, failed: 0, missing: 0 });
  expect(await call('analyze-songs', {})).toMatchObject({ total: 0 });
  expect(await call('analyze-songs', { redo: true })).toMatchObject({ done: 4, total: 4, failed: 0 });
  expect(await call('get-song-analysis', {})).toEqual({ analyzed: 4, pending: 0, progress: null });
  expect(events.filter(({ name }) => name === 'song-analysis-ended')).toHaveLength(4);
});

test('the thread that measures ends with the engine, and a clip can be let go of', async () => {
  const samples = new Float32Array(5 * clipRateHz);
  expect(await engine.soundMeter.measure(samples, clipRateHz)).toMatchObject({ tempoBpm: null });
  const ended = new AbortController();
  const measuring = engine.soundMeter.measure(samples, clipRateHz, ended.signal);
  ended.abort();
  await expect(measuring).rejects.toMatchObject({ code: 'cancelled' });
  const last = engine.soundMeter.measure(samples, clipRateHz);
  const rejected = expect(last).rejects.toMatchObject({ code: 'cancelled' });
  await engine.close();
  await rejected;
  await expect(engine.soundMeter.measure(samples, clipRateHz)).rejects.toMatchObject({ code: 'cancelled' });
});
