/** The tables behind the plots of a training and of a head's evaluation, the same on the screen, in a report and as CSV. */
import { type CellSource, column, type DataTable, makeTable } from './data-table.ts';
import type { Estimate, Evaluation, ScoreMetrics } from './evaluation.ts';
import type { TrainedEpochRecord } from './training-recipe.ts';

/** One row for each epoch of a training. */
export function learningCurveTable(epochs: readonly TrainedEpochRecord[]): DataTable {
  return makeTable({ name: 'learning-curve', caption: 'One row for each epoch.' }, epochs, [
    column<TrainedEpochRecord>('epoch', 'epoch', 'count', ({ epoch }) => epoch),
    column('learning_rate', 'learning rate', 'number', ({ learningRate }) => learningRate, 6),
    column('train_loss', 'training loss', 'number', ({ trainLoss }) => trainLoss, 4),
    column('validation_mae', 'validation MAE', 'number', ({ validationMae }) => validationMae, 4),
    column(
      'validation_spearman',
      'validation Spearman',
      'number',
      ({ validationSpearman }) => validationSpearman,
      4,
    ),
  ]);
}

/** One row for each point: what a head predicted and what was true. */
export function predictionTable({ points }: Evaluation): DataTable {
  type Point = Evaluation['points'][number];
  return makeTable({ name: 'predictions', caption: 'One row for each point of the plot.' }, points, [
    column<Point>('song', 'song', 'text', ({ song }) => song),
    column('genre', 'genre', 'text', ({ genre }) => genre),
    column('predicted', 'predicted', 'number', ({ predicted }) => predicted),
    column('actual', 'label', 'number', ({ actual }) => actual),
  ]);
}

/** One row for each half point of prediction minus label. */
export function residualTable({ residuals }: Evaluation): DataTable {
  type Bin = Evaluation['residuals']['bins'][number];
  return makeTable({ name: 'residuals', caption: 'One row for each half point.' }, residuals.bins, [
    column<Bin>('from', 'prediction minus label, from', 'number', ({ from }) => from, 1),
    column('songs', 'songs', 'count', ({ songs }) => songs),
  ]);
}

/** One row for each tenth of the songs, by prediction. */
export function calibrationTable({ calibration }: Evaluation): DataTable {
  type Group = Evaluation['calibration']['groups'][number];
  return makeTable(
    { name: 'calibration', caption: 'One row for each tenth of the songs, by prediction.' },
    calibration.groups,
    [
      column<Group>('songs', 'songs', 'count', ({ songs }) => songs),
      column('mean_predicted', 'mean prediction', 'number', ({ meanPredicted }) => meanPredicted),
      column('mean_actual', 'mean label', 'number', ({ meanActual }) => meanActual),
    ],
  );
}

/** A name and the figures of the songs that it stands for. */
interface NamedMetrics {
  name: string;
  metrics: ScoreMetrics;
}

/** One row for each genre, the largest first. */
export function genreErrorTable({ genres }: Evaluation): DataTable {
  const rows = genres.map(({ genre, metrics }) => ({ name: genre ?? 'none', metrics }));
  return metricsTable('genre-errors', 'genre', rows);
}

/** One row for each band of labels that songs have. */
export function bandErrorTable({ bands }: Evaluation): DataTable {
  const rows = bands
    .filter(({ metrics }) => metrics.songs > 0)
    .map(({ from, to, metrics }) => ({ name: `${from} to ${to}`, metrics }));
  return metricsTable('band-errors', 'label', rows);
}

/** What the baselines are called. */
export const baselineNames = { mean: 'mean of the training songs', loudness: 'loudness alone' } as const;

/** The head first, then what needs no model. */
export function headMetricsTable({
  metrics,
  baselines,
}: Pick<Evaluation, 'metrics' | 'baselines'>): DataTable {
  const rows = [
    { name: 'this head', metrics },
    ...baselines.map((baseline) => ({ name: baselineNames[baseline.name], metrics: baseline.metrics })),
  ];
  return metricsTable('head-metrics', 'prediction by', rows);
}

function metricsTable(name: string, what: string, rows: readonly NamedMetrics[]): DataTable {
  const figure = (
    id: string,
    label: string,
    of: (metrics: ScoreMetrics) => Estimate | null,
  ): CellSource<NamedMetrics>[] => [
    column(id, label, 'number', ({ metrics }) => of(metrics)?.value ?? null, 3),
    column(`${id}_low`, `${label}, from`, 'number', ({ metrics }) => of(metrics)?.low ?? null, 3),
    column(`${id}_high`, `${label}, to`, 'number', ({ metrics }) => of(metrics)?.high ?? null, 3),
  ];
  return makeTable({ name, caption: 'Intervals of 95 % by resampling the songs.' }, rows, [
    column<NamedMetrics>('name', what, 'text', (row) => row.name),
    column('songs', 'songs', 'count', ({ metrics }) => metrics.songs),
    ...figure('mae', 'MAE', ({ mae }) => mae),
    ...figure('rmse', 'RMSE', ({ rmse }) => rmse),
    ...figure('spearman', 'Spearman', ({ spearman }) => spearman),
    ...figure('kendall', 'Kendall', ({ kendall }) => kendall),
    ...figure('pairwise_accuracy', 'pairs right', ({ pairwiseAccuracy }) => pairwiseAccuracy),
    ...figure('bias', 'bias', ({ bias }) => bias),
  ]);
}
