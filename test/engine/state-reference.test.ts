/** Percentiles are stated against the library or what a head was trained with, and the reference is named. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { initialHead } from '../../src/engine/learn/initial-head.ts';
import { writeHead } from '../../src/engine/learn/head-file.ts';
import { stateReference, statedReference } from '../../src/engine/state-reference.ts';
import { maximumReferenceScores } from '../../src/shared/reference-distribution.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { fileWith, modelNamed, spaceOf, storeSong, vectorFor } from '../support/library-samples.ts';
import { sampleHeadCard } from '../support/sample-head-card.ts';

const inFolder = useFreshFolder();
let engine: Engine;

beforeEach(async () => {
  engine = await Engine.open({
    folders: {
      libraryFile: inFolder('library.sqlite'),
      modelsFolder: inFolder('models'),
      cacheFolder: inFolder('cache'),
    },
  });
});
afterEach(() => engine.close());

const page = () =>
  engine.library.lists.page({
    ...{ filter: {}, sort: { column: 'score', direction: 'descending' }, offset: 0, limit: 10 },
  });

test('the library as it is now is a reference that does not move with it', async () => {
  await expect(stateReference(engine, { kind: 'library' })).rejects.toMatchObject({ code: 'data-unusable' });
  for (const score of [2, 4, 6, 8]) storeSong(engine.library, `song ${score}`, `/music/${score}.mp3`, score);
  const { songs: before } = engine.library.changes.current();
  const stated = await stateReference(engine, { kind: 'library' });
  expect(stated).toMatchObject({ encoder: 'encoder', head: 'head', scoreCount: 4 });
  expect(stated.name).toMatch(/^the 4 scored songs of the library on \d{4}-\d\d-\d\d$/);
  expect(engine.library.changes.current().songs).toBeGreaterThan(before);
  storeSong(engine.library, 'song 9', '/music/9.mp3', 9);
  expect(page().reference).toBe(stated.name);
  const percentiles = page().rows.map(({ score, referencePercentile }) => [score, referencePercentile]);
  expect(percentiles).toEqual([
    [9, 100],
    [8, 100],
    [6, 75],
    [4, 50],
    [2, 25],
  ]);
  expect(statedReference(engine)).toEqual(stated);
});

test('a large library is told by as many scores as are kept, its ends among them', async () => {
  const { library } = engine;
  const encoder = library.encoders.register(modelNamed('encoder'));
  const head = library.heads.register(modelNamed('head'));
  const count = maximumReferenceScores + 500;
  library.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const { songId } = library.files.record(fileWith(`song ${index}`, `/music/${index}.mp3`));
      const key = { ...spaceOf(encoder.id), songId };
      library.embeddings.put(key, vectorFor(index), 'cpu');
      const score = (10 * index) / (count - 1);
      library.scores.put(key, head.id, { rawScore: score, score });
    }
  });
  expect(await stateReference(engine, { kind: 'library' })).toMatchObject({
    scoreCount: maximumReferenceScores,
  });
  const [best, second] = page().rows;
  expect(best).toMatchObject({ score: 10, referencePercentile: 100 });
  expect(second?.referencePercentile).toBeGreaterThan(99.9);
});

test('labels and scores of the songs that a head was trained with, for scores of its models alone', async () => {
  const shape = { inputSize: 12, widths: [8, 4] };
  await writeHead(inFolder('mine.safetensors'), shape, initialHead(shape, 1), 1, sampleHeadCard);
  const head = inFolder('mine.safetensors');
  const labels = await stateReference(engine, { kind: 'head', head, values: 'labels' });
  expect(labels).toMatchObject({ encoder: 'mert-v1-330m', scoreCount: 101 });
  expect(labels.name).toMatch(/^the labels \(listens\) of the 20 songs that “mine” was trained with$/);
  storeSong(engine.library, 'song', '/music/1.mp3', 5);
  expect(page()).toMatchObject({ reference: null });
  const scores = await stateReference(engine, { kind: 'head', head, values: 'predictions' });
  expect(scores.name).not.toBe(labels.name);
  await expect(
    stateReference(engine, { kind: 'head', head: 'draft', values: 'labels' }),
  ).rejects.toMatchObject({ code: 'data-unusable' });
  expect(statedReference(engine)).toEqual(scores);
});
