/** How far another precision's ranking agrees with fp32's: measured on a library's songs, kept, and begun by itself. */
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AgreementKeeper, readAgreements } from '../../src/engine/agreement-keeper.ts';
import type { ModelChoice } from '../../src/engine/choose-models.ts';
import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { compareScores, measureAgreement } from '../../src/engine/measure-agreement.ts';
import type { PrecisionState } from '../../src/shared/precision-commands.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makeSound } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { waitUntil } from '../support/processes.ts';
import { useSongFolder } from '../support/song-folder.ts';

const songAt = useSongFolder();
const inFolder = useFreshFolder();
const songs = Array.from({ length: 8 }, (_, index) => songAt(`song-${index}.wav`));
const checkpoint = join(parityFolder, 'encoders', 'tiny-330m-like');
const named = { encoder: checkpoint, head: join(checkpoint, 'head.pt') };
const engines: Engine[] = [];

beforeAll(async () => {
  for (const [index, song] of songs.entries()) {
    await makeSound(song, `aevalsrc=sin(${200 * (index + 1)}*t)*sin(${index + 2}*t)+0.1*random(0):d=2`);
  }
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.open({
    folders: { libraryFile: inFolder('library.sqlite'), cacheFolder: inFolder('cache') },
    ...options,
  });
  engines.push(engine);
  return engine;
}

async function scoreAll(
  engine: Engine,
  files: readonly string[] = songs,
  models: ModelChoice = named,
): Promise<void> {
  for await (const { result } of engine.score({ files, usesLibrary: true, ...models })) {
    expect(result.error).toBeNull();
  }
}

/** Keeps agreements with the named models, and notes what it tells. */
async function openKeeper(engine: Engine) {
  const models = await engine.chooseModels(named);
  const states: PrecisionState[] = [];
  const keeper = new AgreementKeeper({
    engine,
    models: () => models,
    emit: ({ payload }) => states.push(payload),
  });
  return { models, keeper, states };
}

test('scores are compared by their order before the clamp and by what is shown', () => {
  expect(compareScores([1, 2, 3, 14], [1.5, 2, 3, 12])).toEqual({ spearman: 1, maximumDifference: 0.5 });
  expect(compareScores([1, 2, 3, 4], [4, 3, 2, 1])).toEqual({ spearman: -1, maximumDifference: 3 });
  expect(compareScores([1, 2], [1, 3])).toEqual({ spearman: null, maximumDifference: 1 });
});

describe('an agreement', () => {
  test('is measured on scored songs and others, and leaves the fp32 ranking as it is', async () => {
    const engine = await openEngine();
    await scoreAll(engine, songs.slice(0, 5));
    // Another encoder knows the rest.
    await scoreAll(engine, songs.slice(5), { encoder: 'draft' });
    const before = engine.library.stats();
    const rankings = engine.library.rankings.list();
    const models = await engine.chooseModels(named);
    const told: { done: number; total: number }[] = [];
    const agreement = await measureAgreement(engine, models, {
      precision: 'int8',
      onProgress: (progress) => told.push(progress),
    });
    expect(agreement).toMatchObject({ precision: 'int8', provider: 'cpu', songs: songs.length });
    expect(agreement.spearman).toBeGreaterThan(0.5);
    // Bytes are not floats: a difference of nothing would mean that fp32 was compared with itself.
    expect(agreement.maximumDifference).toBeGreaterThan(0);
    expect(agreement.maximumDifference).toBeLessThan(1);
    // Each in int8, and in fp32 those that the library did not know so.
    expect(told.at(-1)).toEqual({ done: 11, total: 11 });
    expect(engine.library.stats()).toMatchObject({ embeddings: before.embeddings, scores: before.scores });
    expect(engine.library.rankings.list()).toEqual(rankings);
  });

  test('of a precision that is in use is measured by itself, once, and kept for other runs', async () => {
    const engine = await openEngine();
    await scoreAll(engine);
    await engine.useRuntime({ provider: 'cpu', precision: 'int8' });
    const { models, keeper, states } = await openKeeper(engine);
    keeper.consider();
    await waitUntil('it is measured', () => states.at(-1)?.agreements.length === 1);
    expect(states.at(0)?.progress).toMatchObject({ precision: 'int8', done: 0, total: songs.length });
    const count = states.length;
    keeper.consider();
    expect(states.length).toBe(count);
    expect(await keeper.handlers['get-precisions']({}, {})).toMatchObject({
      choices: ['fp32', 'int8'],
      agreements: [{ precision: 'int8', songs: songs.length, head: models.head.description.name }],
      progress: null,
    });
    await keeper.close();
    expect(readAgreements(engine.library)).toHaveLength(1);
    // The songs that were compared are scored in the precision now; rankings stay apart.
    expect(engine.library.rankings.list().map(({ precision }) => precision)).toEqual(['fp32']);
    await scoreAll(engine, songs.slice(0, 2));
    const rankings = engine.library.rankings.list().map(({ precision, songCount }) => [precision, songCount]);
    expect(rankings).toEqual([
      ['int8', 2],
      ['fp32', songs.length],
    ]);
  });

  test('stands aside for work that wants the machine alone, and begins again', async () => {
    const engine = await openEngine({ precision: 'int8' });
    await scoreAll(engine, songs, { encoder: 'draft' });
    const { keeper, states } = await openKeeper(engine);
    keeper.consider();
    await waitUntil('it is under way', () => (states.at(-1)?.progress?.done ?? 0) > 0);
    await keeper.standAside(async () => {
      expect(states.at(-1)).toMatchObject({ progress: null, agreements: [], problem: null });
      const count = states.length;
      keeper.consider();
      const asked = Promise.resolve(keeper.handlers['measure-agreement']({ precision: 'int8' }, {}));
      await expect(asked).rejects.toMatchObject({ code: 'usage' });
      expect(states.length).toBe(count);
    });
    await waitUntil('it is measured after all', () => states.at(-1)?.agreements.length === 1);
    await keeper.close();
  });

  test('can be cancelled, and is not begun again by itself', async () => {
    const engine = await openEngine({ precision: 'int8' });
    await scoreAll(engine, songs, { encoder: 'draft' });
    const { keeper, states } = await openKeeper(engine);
    const measuring = keeper.handlers['measure-agreement']({ precision: 'int8' }, {});
    await waitUntil('it is under way', () => states.some(({ progress }) => progress !== null));
    const rejected = expect(measuring).rejects.toMatchObject({ code: 'cancelled' });
    await keeper.handlers['cancel-agreement']({}, {});
    await rejected;
    keeper.consider();
    expect(await keeper.handlers['get-precisions']({}, {})).toMatchObject({
      agreements: [],
      progress: null,
      problem: null,
    });
    await keeper.close();
  });

  test('is refused for what cannot be had, and where there is nothing to compare', async () => {
    const engine = await openEngine();
    const models = await engine.chooseModels(named);
    const measure = (precision: 'fp32' | 'fp16' | 'int8') => measureAgreement(engine, models, { precision });
    await expect(measure('fp32')).rejects.toMatchObject({ code: 'usage' });
    await expect(measure('fp16')).rejects.toMatchObject({ code: 'usage' });
    await expect(measure('int8')).rejects.toMatchObject({ code: 'data-unusable' });
    const draft = await engine.chooseModels({ encoder: 'draft' });
    await expect(measureAgreement(engine, draft, { precision: 'int8' })).rejects.toMatchObject({
      code: 'usage',
    });
  });
});
