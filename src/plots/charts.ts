/** What can be plotted: each analysis, training and evaluation as charts, each with its title and its tables. */
import type { DataTable } from '../shared/data-table.ts';
import type { Evaluation } from '../shared/evaluation.ts';
import { insightTables } from '../shared/insight-tables.ts';
import type {
  ComparisonInsight,
  GroupsInsight,
  HitRatesInsight,
  InsightAnalysis,
  KeysInsight,
  ReferenceInsight,
  RelationInsight,
  ScoresInsight,
  TempoKeysInsight,
  TermsInsight,
  TopBottomInsight,
} from '../shared/insight.ts';
import {
  bandErrorTable,
  calibrationTable,
  genreErrorTable,
  headMetricsTable,
  learningCurveTable,
  predictionTable,
  residualTable,
} from '../shared/learning-tables.ts';
import type { TrainedEpochRecord } from '../shared/training-recipe.ts';
import { chartTitles } from './chart-titles.ts';

/** A training so far. */
export interface LearningCurve {
  epochs: readonly TrainedEpochRecord[];
  /** 0 before the first. */
  bestEpoch: number;
}

/** What a chart is drawn from, by the name of the chart. */
export interface ChartData {
  scores: ScoresInsight;
  'hit-rates': HitRatesInsight;
  genres: GroupsInsight;
  prompts: GroupsInsight;
  terms: TermsInsight;
  tempo: RelationInsight;
  duration: RelationInsight;
  loudness: RelationInsight;
  'generation-time': RelationInsight;
  keys: KeysInsight;
  modes: KeysInsight;
  'tempo-keys': TempoKeysInsight;
  'top-bottom-shares': TopBottomInsight;
  'top-bottom-quantities': TopBottomInsight;
  reference: ReferenceInsight;
  'reference-quantiles': ReferenceInsight;
  comparison: ComparisonInsight;
  'comparison-hit-rates': ComparisonInsight;
  'learning-curve': LearningCurve;
  'head-metrics': Evaluation;
  predictions: Evaluation;
  calibration: Evaluation;
  residuals: Evaluation;
  'genre-errors': Evaluation;
  'band-errors': Evaluation;
}
export type ChartName = keyof ChartData;

/** A chart that has not been drawn. Making it takes nothing of the library that draws. */
export type Chart = { [Name in ChartName]: NamedChart<Name> }[ChartName];

interface NamedChart<Name extends ChartName> {
  /** Also the name of its files, without an ending. */
  name: Name;
  title: string;
  /** For people who do not see it: what it shows, and that its values stand in the table. */
  summary: string;
  data: ChartData[Name];
  /** Everything that is drawn; at least one. */
  tables: readonly DataTable[];
}

function chart<Name extends ChartName>(
  name: Name,
  data: ChartData[Name],
  tables: readonly DataTable[],
): NamedChart<Name> {
  const { title, shows } = chartTitles[name];
  return { name, title, summary: `${shows} Its values stand in the table.`, data, tables };
}

/** The charts of an analysis: none where it has nothing to show. */
export function chartsOfInsight(analysis: InsightAnalysis): Chart[] {
  if (analysis.songs === 0 && analysis.kind !== 'comparison') return [];
  const tables = insightTables(analysis);
  const [first, second] = tables.map((table) => [table]);
  if (first === undefined) return [];
  switch (analysis.kind) {
    case 'scores':
      return [chart('scores', analysis, first)];
    case 'hit-rates':
      return [chart('hit-rates', analysis, first)];
    case 'genres':
    case 'prompts':
      return [chart(analysis.kind, analysis, first)];
    case 'terms':
      return filled([chart('terms', analysis, first)]);
    case 'tempo':
    case 'duration':
    case 'loudness':
    case 'generation-time':
      return [chart(analysis.kind, analysis, tables)];
    case 'keys':
      return filled([chart('keys', analysis, first), chart('modes', analysis, second ?? [])]);
    case 'tempo-keys':
      return [chart('tempo-keys', analysis, first)];
    case 'top-bottom':
      return filled([
        chart('top-bottom-shares', analysis, first),
        chart('top-bottom-quantities', analysis, second ?? []),
      ]);
    case 'reference':
      if (analysis.reference === null || analysis.reference.scores === 0) return [];
      return filled([
        chart('reference', analysis, first),
        chart('reference-quantiles', analysis, second ?? []),
      ]);
    case 'comparison':
      return filled([
        chart('comparison', analysis, first),
        chart('comparison-hit-rates', analysis, second ?? []),
      ]);
  }
}

/** The chart of a training; null before its first epoch has ended. */
export function chartOfTraining(curve: LearningCurve): Chart | null {
  if (curve.epochs.length === 0) return null;
  return chart('learning-curve', curve, [learningCurveTable(curve.epochs)]);
}

/** The charts of a head's evaluation: none for an evaluation of no songs. */
export function chartsOfEvaluation(evaluation: Evaluation): Chart[] {
  if (evaluation.metrics.songs === 0) return [];
  return filled([
    chart('head-metrics', evaluation, [headMetricsTable(evaluation)]),
    chart('predictions', evaluation, [predictionTable(evaluation)]),
    chart('calibration', evaluation, [calibrationTable(evaluation)]),
    chart('residuals', evaluation, [residualTable(evaluation)]),
    ...(evaluation.genres.length > 1
      ? [chart('genre-errors', evaluation, [genreErrorTable(evaluation)])]
      : []),
    chart('band-errors', evaluation, [bandErrorTable(evaluation)]),
  ]);
}

function filled(charts: readonly Chart[]): Chart[] {
  return charts.filter(({ tables }) => tables[0] !== undefined && tables[0].rows.length > 0);
}
