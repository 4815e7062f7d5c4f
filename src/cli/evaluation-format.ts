/** Writes an evaluation for people. */
import type { Estimate, Evaluation, ScoreMetrics } from '../shared/evaluation.ts';
import { alignColumns } from './align-columns.ts';
import { printableLine } from './printable-text.ts';

const baselineNames = { mean: 'the mean of the training songs', loudness: 'loudness alone' } as const;

/** Figures with their intervals, baselines, genres, bands and calibration. */
export function formatEvaluation({ metrics, baselines, genres, bands, calibration }: Evaluation): string {
  const header = ['', 'songs', 'MAE', 'RMSE', 'Spearman', 'Kendall', 'pairs right', 'bias'];
  const parts = [
    `All songs, with 95 % intervals\n${alignColumns(
      [header.slice(1), [String(metrics.songs), ...figuresOf(metrics, withInterval)]],
      'left',
    )}`,
  ];
  const table = (title: string, rows: readonly (readonly [string, ScoreMetrics])[]) => {
    const lines = rows.map(([name, row]) => [
      printableLine(name),
      String(row.songs),
      ...figuresOf(row, plain),
    ]);
    parts.push(`${title}\n${alignColumns([header, ...lines], 'left')}`);
  };
  if (baselines.length > 0) {
    table(
      'Without a model',
      baselines.map(({ name, metrics: row }) => [baselineNames[name], row]),
    );
  }
  if (genres.length > 1)
    table(
      'By genre',
      genres.map(({ genre, metrics: row }) => [genre ?? 'none', row]),
    );
  table(
    'By label',
    bands
      .filter(({ metrics: row }) => row.songs > 0)
      .map(({ from, to, metrics: row }) => [`${from} to ${to}`, row]),
  );
  const groups = calibration.groups.map(({ songs, meanPredicted, meanActual }) => [
    String(songs),
    meanPredicted.toFixed(2),
    meanActual.toFixed(2),
  ]);
  const line =
    calibration.slope === null || calibration.offset === null
      ? ''
      : `Line: label = ${calibration.offset.toFixed(2)} + ${calibration.slope.toFixed(2)} × score\n`;
  parts.push(
    `Calibration\n${alignColumns([['songs', 'mean score', 'mean label'], ...groups], 'left')}${line}`,
  );
  return parts.join('\n');
}

/** One line that says how good a head is, and that few songs say little. */
export function summariseMetrics({ songs, mae, spearman }: ScoreMetrics): string {
  const error = mae === null ? '–' : withInterval(mae);
  const rank = spearman === null ? '–' : withInterval(spearman);
  return `${songs} songs: MAE ${error}, Spearman ${rank}`;
}

function figuresOf(metrics: ScoreMetrics, format: (estimate: Estimate) => string): string[] {
  const { mae, rmse, spearman, kendall, pairwiseAccuracy, bias } = metrics;
  return [mae, rmse, spearman, kendall, pairwiseAccuracy, bias].map((figure) =>
    figure === null ? '–' : format(figure),
  );
}

function plain({ value }: Estimate): string {
  return value.toFixed(3);
}

function withInterval({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
