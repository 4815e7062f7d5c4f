/** Names of models, made from whatever files are called. */
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveModelId, isModelId, looksLikePath } from '../../../src/engine/models/model-ids.ts';

test.each([
  ['My Head (2).pt', 'my-head-2'],
  ['/a/b/scorer_model.pt', 'scorer_model'],
  ['MERT-v1-330M', 'mert-v1-330m'],
  ['Überkopf.safetensors', 'u-berkopf'],
  ['音楽.pt', 'model'],
  ['..', 'model'],
  ['CON.pt', 'model'],
  ['a..b', 'a.b'],
])('%s becomes %s', (file, id) => {
  expect(deriveModelId(file)).toBe(id);
});

test.each(['', '..', 'a/b', 'a\\b', 'A', '-a', 'a.', 'con', 'nul.x', 'a..b', 'x'.repeat(65), 'a b', 'a\0'])(
  '%j is no id',
  (text) => {
    expect(isModelId(text)).toBe(false);
  },
);

test('whatever a file is called, its id is valid and stays inside its folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
      const id = deriveModelId(name);
      expect(isModelId(id)).toBe(true);
      expect(path.dirname(path.join('/models', id))).toBe('/models');
      expect(looksLikePath(id)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
