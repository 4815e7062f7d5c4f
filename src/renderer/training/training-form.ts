/** What a person fills in to train or judge a head, and the request that it means. */
import type { DataSource, LibraryLabel } from '../../shared/data-source.ts';
import type { LabelScale } from '../../shared/head-card.ts';
import type { TrainingRequest } from '../../shared/learn-commands.ts';
import { referenceRecipe, trainingRecipeSchema, type TrainingRecipe } from '../../shared/training-recipe.ts';

/** Where songs and labels come from, as fields hold it. */
export interface DataForm {
  kind: DataSource['kind'];
  label: LibraryLabel;
  audioFolder: string;
  csvFile: string;
  /** Empty: as the file's usual names say. */
  labelColumn: string;
  pathColumn: string;
  genreColumn: string;
  onlyColumn: string;
  onlyValue: string;
  scale: LabelScale['method'];
  keepsZero: boolean;
  embeddingFolder: string;
}

export type DataField = 'audioFolder' | 'csvFile' | 'labelColumn' | 'embeddingFolder';

/** The recipe as text, so that a number can be half typed. */
export type RecipeForm = Record<keyof TrainingRecipe, string>;

export interface TrainingForm {
  name: string;
  data: DataForm;
  encoder: string;
  recipe: RecipeForm;
}

export const recipeFields = Object.keys(referenceRecipe) as (keyof TrainingRecipe)[];

export function usualDataForm(): DataForm {
  return {
    kind: 'library',
    label: 'verdicts',
    audioFolder: '',
    csvFile: '',
    labelColumn: '',
    pathColumn: '',
    genreColumn: '',
    onlyColumn: '',
    onlyValue: '',
    scale: 'log-minmax',
    keepsZero: false,
    embeddingFolder: '',
  };
}

export function usualRecipeForm(): RecipeForm {
  return recipeFormOf(referenceRecipe);
}

function recipeFormOf(recipe: TrainingRecipe): RecipeForm {
  return Object.fromEntries(
    recipeFields.map((field) => {
      const value = recipe[field];
      return [field, Array.isArray(value) ? value.join(', ') : String(value)];
    }),
  ) as RecipeForm;
}

export function usualForm(): TrainingForm {
  return { name: '', data: usualDataForm(), encoder: '', recipe: usualRecipeForm() };
}

/** The form as it was filled in for a request. */
export function formOf({ name, source, encoder = '', recipe }: TrainingRequest): TrainingForm {
  const given = Object.fromEntries(Object.entries(recipe).filter(([, value]) => value !== undefined));
  return { name, data: dataFormOf(source), encoder, recipe: recipeFormOf({ ...referenceRecipe, ...given }) };
}

function dataFormOf(source: DataSource): DataForm {
  const usual = usualDataForm();
  if (source.kind === 'library') return { ...usual, label: source.label };
  if (source.kind === 'embeddings') return { ...usual, kind: 'embeddings', embeddingFolder: source.folder };
  const { file, audioFolder, labelColumn = '', pathColumn = '', genreColumn = '' } = source;
  const { onlyColumn = '', onlyValue = '', scale, keepsZero } = source;
  return {
    ...usual,
    ...{ kind: 'csv', csvFile: file, audioFolder, labelColumn, pathColumn, genreColumn },
    ...{ onlyColumn, onlyValue, scale, keepsZero },
  };
}

/** Fields that must be filled in and are not. */
export function dataProblemsOf(data: DataForm, isTracksFile: boolean): DataField[] {
  const isEmpty = (field: DataField) => data[field].trim() === '';
  if (data.kind === 'embeddings') return isEmpty('embeddingFolder') ? ['embeddingFolder'] : [];
  if (data.kind === 'library') return [];
  const needed: DataField[] = ['audioFolder', 'csvFile', ...(isTracksFile ? [] : ['labelColumn' as const])];
  return needed.filter(isEmpty);
}

/** The source that filled fields mean. */
export function dataSourceOf(data: DataForm): DataSource {
  if (data.kind === 'library') return { kind: 'library', label: data.label };
  if (data.kind === 'embeddings') return { kind: 'embeddings', folder: data.embeddingFolder.trim() };
  const { audioFolder, csvFile, labelColumn, pathColumn, genreColumn, onlyColumn, onlyValue } = data;
  return {
    kind: 'csv',
    file: csvFile.trim(),
    audioFolder: audioFolder.trim(),
    ...(labelColumn !== '' && { labelColumn }),
    ...(pathColumn !== '' && { pathColumn }),
    ...(genreColumn !== '' && { genreColumn }),
    ...(onlyColumn !== '' && { onlyColumn, onlyValue: onlyValue.trim() }),
    scale: data.scale,
    keepsZero: data.keepsZero,
  };
}

/** What the fields say of the recipe: what differs from the reference's, or the fields that cannot be used. */
export function recipeOf(form: RecipeForm): {
  changes: Partial<TrainingRecipe>;
  problems: (keyof TrainingRecipe)[];
} {
  const entries = recipeFields.map((field) => [field, valueOf(field, form[field])] as const);
  const recipe = { ...referenceRecipe, ...Object.fromEntries(entries) };
  // One dropout stands for all layers.
  if (recipe.dropout.length === 1) {
    const [share = NaN] = recipe.dropout;
    recipe.dropout = recipe.widths.map(() => share);
  }
  const checked = trainingRecipeSchema.safeParse(recipe);
  if (!checked.success) {
    const named = checked.error.issues.map(({ path: [field = 'dropout'] }) => field as keyof TrainingRecipe);
    return { changes: {}, problems: [...new Set(named)] };
  }
  const changed = recipeFields.filter(
    (field) => JSON.stringify(checked.data[field]) !== JSON.stringify(referenceRecipe[field]),
  );
  return {
    changes: Object.fromEntries(changed.map((field) => [field, checked.data[field]])),
    problems: [],
  };
}

function valueOf(field: keyof TrainingRecipe, text: string): number | number[] {
  const isList = Array.isArray(referenceRecipe[field]);
  return isList ? text.split(',').map(numberOf) : numberOf(text);
}

function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text.trim());
}

/** The request that a filled form means. */
export function requestOf(form: TrainingForm, changes: Partial<TrainingRecipe>): TrainingRequest {
  return {
    name: form.name.trim(),
    source: dataSourceOf(form.data),
    ...(form.data.kind !== 'embeddings' && form.encoder !== '' && { encoder: form.encoder }),
    recipe: changes,
  };
}

/** A name that no head has: `my-head`, `my-head-2`, … */
export function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'my-head' : `my-head-${number}`;
    if (!taken.includes(name)) return name;
  }
}
