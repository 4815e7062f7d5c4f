/** Makes a report of how a head was judged: its errors and ranks beside what needs no model, and every plot of it. */
import { chartsOfEvaluation } from '../../plots/charts.ts';
import { chartTitles } from '../../plots/chart-titles.ts';
import { formatNumber } from '../../shared/data-table.ts';
import type { Estimate } from '../../shared/evaluation.ts';
import { count, counted, listed, pointsWithInterval } from '../../shared/insight-phrases.ts';
import type { HeadEvaluation } from '../../shared/learn-commands.ts';
import { baselineNames } from '../../shared/learning-tables.ts';
import { dateFormat, drawForReport } from './draw-for-report.ts';
import type { Report } from './report-page.ts';

/** @param writtenAt when the report is made */
export function makeEvaluationReport(judged: HeadEvaluation, writtenAt: Date): Report {
  const { head, part, evaluation } = judged;
  const songs = counted(evaluation.metrics.songs, 'song');
  return {
    title: `How well “${head}” scores`,
    subtitle:
      part === 'test'
        ? `Judged by ${songs} that its training never saw: the test part of its own data.`
        : `Judged by ${songs}. Whether it was trained on some of them is not known.`,
    facts: factsOf(judged, writtenAt),
    caveats: caveatsOf(judged),
    sections: chartsOfEvaluation(evaluation).map((chart) => ({
      id: chart.name,
      title: chart.title,
      sentence: chart.name === 'head-metrics' ? describeMetrics(judged) : chartTitles[chart.name].shows,
      charts: [drawForReport(chart)],
    })),
  };
}

function describeMetrics({ evaluation: { metrics, baselines } }: HeadEvaluation): string {
  const others = baselines.flatMap(({ name, metrics: { mae } }) =>
    mae === null ? [] : [`${formatNumber(mae.value, 2)} (${baselineNames[name]})`],
  );
  const without = others.length === 0 ? '' : ` Without a model the mean error is ${listed(others)}.`;
  return (
    `Rank correlation with the labels ${figure(metrics.spearman)}, mean error ${figure(metrics.mae)} points; ` +
    `of two songs with different labels, the share put into the right order is ${figure(metrics.pairwiseAccuracy)}.${without}`
  );
}

function figure(estimate: Estimate | null): string {
  if (estimate === null) return 'not defined';
  const { value, low, high } = estimate;
  return pointsWithInterval({ value, interval: { low, high } });
}

function factsOf({ head, card, evaluation }: HeadEvaluation, writtenAt: Date): Report['facts'] {
  const { metrics, resamples, seed } = evaluation;
  return [
    ['Head', head],
    ['Songs', count(metrics.songs)],
    ...(card === null
      ? []
      : ([
          ['Encoder', card.encoder.id],
          ['Trained on', `${counted(card.data.trainSongs, 'song')}: ${card.data.source}`],
          ['Labels', card.data.label],
          ['Best epoch', `${card.bestEpoch} of ${card.epochsRun}`],
        ] as const)),
    ['Intervals', `95 %, from ${count(resamples)} resampled sets, seed ${seed}`],
    ['Written', dateFormat.format(writtenAt)],
  ];
}

function caveatsOf({ part, notes }: HeadEvaluation): string[] {
  return [
    'A label says how often a song was heard, or how a person judged it. It does not say how good the song is.',
    part === 'test'
      ? 'These songs chose neither the weights nor the epoch that was kept.'
      : 'Figures are too good where the head was trained on some of these songs.',
    'Ranges in parentheses hold the true figure with 95 % for songs like these; songs of another kind may be scored worse.',
    ...notes,
  ];
}
