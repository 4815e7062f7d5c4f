/** The commands about learning, as the app asks them of one engine. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { learnHandlersOf, type LearnSession, thinCurve } from '../../src/engine/learn-session.ts';
import { writeEmbeddingFolder } from '../../src/engine/learn/embedding-folder.ts';
import { callCommand } from '../../src/shared/call-command.ts';
import {
  learnCommands,
  toldEpochs,
  type TrainingStatus,
  trainingStatusSchema,
} from '../../src/shared/learn-commands.ts';
import { seededBits } from '../../src/shared/seeded-bits.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const open: { engine: Engine; session: LearnSession }[] = [];
afterEach(async () => {
  for (const { engine, session } of open.splice(0)) {
    await session.close();
    await engine.close();
  }
});

async function openSession() {
  const engine = await Engine.open({
    folders: {
      libraryFile: inFolder('library.sqlite'),
      modelsFolder: inFolder('models'),
      cacheFolder: inFolder('cache'),
    },
  });
  const told: TrainingStatus[] = [];
  let headsChanged = 0;
  const session = learnHandlersOf(
    engine,
    (event) => {
      if (event.name === 'training-changed') told.push(trainingStatusSchema.parse(event.payload));
    },
    () => (headsChanged += 1),
  );
  open.push({ engine, session });
  const call = <Name extends keyof typeof learnCommands>(name: Name, request: unknown) =>
    callCommand(learnCommands, session.handlers, name, request as never);
  const waitFor = (state: TrainingStatus['state']) =>
    expect.poll(() => told.at(-1)?.state, { timeout: 60_000 }).toBe(state);
  return { call, told, waitFor, headsChanged: () => headsChanged };
}

async function writeData(songs: number): Promise<string> {
  const bits = seededBits(8);
  const folder = inFolder('set');
  const rows = Array.from({ length: songs }, (_, row) => {
    const embedding = Float32Array.from({ length: 6 }, () => bits() / 2 ** 31 - 1);
    const label = 5 + 4 * (embedding[0] ?? 0);
    return { name: `song ${row}`, embedding, label, value: null, genre: 'Rock', loudness: null };
  });
  await writeEmbeddingFolder(folder, rows, {
    encoder: { id: 'tiny', sha256: null },
    source: 'A test.',
    label: 'made up',
    scale: { method: 'none', minimum: null, maximum: null },
    notes: [],
    sampleRateHz: 24_000,
    device: 'cpu',
    seconds: 0,
  });
  return folder;
}

const recipe = { widths: [16, 8], dropout: [0.1, 0.1], epochs: 6, batchSize: 32 };

describe('a training in the background', () => {
  test('tells its curve as it grows, and ends in the list of heads', async () => {
    const { call, told, waitFor, headsChanged } = await openSession();
    const source = { kind: 'embeddings', folder: await writeData(120) };
    expect(await call('get-training', {})).toMatchObject({ state: 'idle' });
    await call('start-training', { name: 'mine', source, recipe });
    await expect(call('start-training', { name: 'other', source, recipe })).rejects.toMatchObject({
      code: 'usage',
    });
    await waitFor('finished');
    const lengths = told.map((status) => status.epochs.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(lengths).toContain(1);
    expect(told.at(-1)?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told.map(({ state }) => state)).toContain('judging');
    expect(told.at(-1)).toMatchObject({
      parts: { train: 84, validation: 18, test: 18 },
      request: { name: 'mine', source, recipe },
      failures: [],
    });
    expect(await call('count-labels', {})).toEqual({ kept: 0, rejected: 0, withStars: 0, played: 0 });
    expect(headsChanged()).toBe(1);

    const heads = await call('list-heads', {});
    expect(heads.find(({ listing }) => listing.id === 'mine')?.card?.data.songs).toBe(120);
    const judged = await call('evaluate-head', { head: 'mine', source });
    expect(judged).toMatchObject({ part: 'test', evaluation: { metrics: { songs: 18 } } });
    await call('export-head', { head: 'mine', file: join(inFolder(), 'mine.pt') });
    await expect(call('export-head', { head: 'draft', file: inFolder('draft.pt') })).rejects.toMatchObject({
      code: 'usage',
    });
  });

  test('that is cancelled goes on with the same request', async () => {
    const { call, told, waitFor } = await openSession();
    const source = { kind: 'embeddings', folder: await writeData(400) };
    const long = { ...recipe, widths: [1024, 8], epochs: 3000, patience: 3000 };
    await call('start-training', { name: 'mine', source, recipe: long });
    await expect.poll(() => told.at(-1)?.epochs.length ?? 0, { timeout: 60_000 }).toBeGreaterThan(1);
    await call('cancel-training', {});
    expect(await call('get-training', {})).toMatchObject({ state: 'cancelled', result: null, error: null });
    await call('start-training', { name: 'mine', source, recipe });
    await waitFor('finished');
  });

  test('that cannot begin says why', async () => {
    const { call, told, waitFor } = await openSession();
    await call('start-training', {
      name: 'mine',
      source: { kind: 'embeddings', folder: inFolder('nowhere') },
    });
    await waitFor('failed');
    expect(told.at(-1)?.error?.code).toBe('file-missing');
    await expect(
      call('start-training', {
        name: 'mine',
        source: { kind: 'library', label: 'stars' },
        recipe: { widths: [3], dropout: [] },
      }),
    ).rejects.toMatchObject({ code: 'usage' });
  });
});

test('a very long curve is thinned evenly, and keeps its best and its last epoch', () => {
  const curve = Array.from({ length: 12_345 }, (_, index) => ({
    ...{ epoch: index + 1, learningRate: 0.001, trainLoss: 1, validationMae: 1, validationSpearman: null },
  }));
  const thin = thinCurve(curve, 777).map(({ epoch }) => epoch);
  expect(thin.length).toBeLessThanOrEqual(toldEpochs);
  expect(thin.length).toBeGreaterThan(toldEpochs / 2);
  expect([thin[0], thin.at(-1), thin.includes(777)]).toEqual([1, 12_345, true]);
  expect(thinCurve(curve.slice(0, 200), 50)).toEqual(curve.slice(0, 200));
});
