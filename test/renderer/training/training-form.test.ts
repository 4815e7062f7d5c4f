/** A filled form means one request, and a request fills the form again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dataProblemsOf,
  formOf,
  freeName,
  recipeOf,
  requestOf,
  usualDataForm,
  usualForm,
  usualRecipeForm,
} from '../../../src/renderer/training/training-form.ts';
import { trainingRequestSchema } from '../../../src/shared/learn-commands.ts';
import { referenceRecipe, trainingRecipeSchema } from '../../../src/shared/training-recipe.ts';

describe('the recipe', () => {
  test('as it stands is the model card’s', () => {
    expect(recipeOf(usualRecipeForm())).toEqual({ changes: {}, problems: [] });
  });

  test('sends what was changed, and one dropout stands for all layers', () => {
    const form = { ...usualRecipeForm(), widths: '16, 8', dropout: '0.1', learningRate: ' 3e-4 ' };
    expect(recipeOf(form)).toEqual({
      changes: { widths: [16, 8], dropout: [0.1, 0.1], learningRate: 3e-4 },
      problems: [],
    });
  });

  test('points at what cannot be used', () => {
    const form = { ...usualRecipeForm(), batchSize: '1', heldOutShare: '', beta1: 'many', epochs: '2.5' };
    expect(recipeOf(form).problems.toSorted()).toEqual(['batchSize', 'beta1', 'epochs', 'heldOutShare']);
    expect(recipeOf({ ...usualRecipeForm(), dropout: '0.1, 0.2' }).problems).toEqual(['dropout']);
  });

  test('never lets through what the engine would refuse, whatever is typed', () => {
    const fields = Object.keys(referenceRecipe) as (keyof typeof referenceRecipe)[];
    const typed = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String));
    fc.assert(
      fc.property(fc.constantFrom(...fields), typed, (field, text) => {
        const { changes, problems } = recipeOf({ ...usualRecipeForm(), [field]: text });
        const isFit = trainingRecipeSchema.safeParse({ ...referenceRecipe, ...changes }).success;
        expect(isFit).toBe(true);
        if (problems.length > 0) expect(changes).toEqual({});
      }),
    );
  });
});

describe('a request', () => {
  test('comes back as the form that it was filled in', () => {
    const form = {
      ...usualForm(),
      name: 'mine',
      encoder: 'draft',
      data: {
        ...usualDataForm(),
        ...{ kind: 'csv' as const, audioFolder: '/music', csvFile: '/music/songs.csv' },
        ...{ labelColumn: 'listens', onlyColumn: 'subset', onlyValue: 'small', scale: 'minmax' as const },
      },
      recipe: { ...usualRecipeForm(), epochs: '7' },
    };
    const request = trainingRequestSchema.parse(requestOf(form, recipeOf(form.recipe).changes));
    expect(formOf(request)).toEqual(form);
  });

  test('needs paths, and a label column unless the table names its own', () => {
    const csv = { ...usualDataForm(), kind: 'csv' as const };
    expect(dataProblemsOf(csv, false)).toEqual(['audioFolder', 'csvFile', 'labelColumn']);
    expect(dataProblemsOf({ ...csv, audioFolder: '/a', csvFile: '/b' }, true)).toEqual([]);
    expect(dataProblemsOf(usualDataForm(), false)).toEqual([]);
  });
});

test('a free name is one that no head has', () => {
  expect(freeName([])).toBe('my-head');
  expect(freeName(['my-head', 'my-head-2'])).toBe('my-head-3');
});
