/** Makes a report of what scores say: its facts, its caveats, and a section for each analysis with the plots drawn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { chartsOfInsight } from '../../plots/charts.ts';
import { BangerError } from '../../shared/errors.ts';
import type { HeadCard } from '../../shared/head-card.ts';
import { count, counted, pointsWithInterval } from '../../shared/insight-phrases.ts';
import { insightTitles } from '../../shared/insight-titles.ts';
import { describeBasis, describeInsight, intervalNote } from '../../shared/insight-words.ts';
import type { Insight, InsightAnalysis } from '../../shared/insight.ts';
import type { Estimate } from '../../shared/evaluation.ts';
import type { SongFilter } from '../../shared/song-query.ts';
import { describeFilter } from './describe-filter.ts';
import { dateFormat, drawForReport } from './draw-for-report.ts';
import type { Report, ReportSection } from './report-page.ts';

export interface ReportBasis {
  title: string;
  filter: SongFilter;
  insight: Insight;
  /** What the head says of itself; null where it says nothing. */
  card: HeadCard | null;
  writtenAt: Date;
}

/** @throws BangerError `cancelled` */
export async function makeInsightReport(basis: ReportBasis, signal?: AbortSignal): Promise<Report> {
  const { title, insight } = basis;
  const sections: ReportSection[] = [];
  for (const analysis of insight.analyses) {
    // Other calls have their turn between two analyses.
    await nextTurn();
    if (signal?.aborted === true) throw new BangerError('cancelled', 'The report was not written.');
    sections.push(sectionOf(analysis));
  }
  return {
    title,
    subtitle: describeBasis(insight),
    facts: factsOf(basis),
    caveats: caveatsOf(basis),
    sections,
  };
}

function sectionOf(analysis: InsightAnalysis): ReportSection {
  return {
    id: analysis.kind,
    title: insightTitles[analysis.kind],
    sentence: describeInsight(analysis),
    charts: chartsOfInsight(analysis).map(drawForReport),
  };
}

function factsOf({ filter, insight, card, writtenAt }: ReportBasis): Report['facts'] {
  const { ranking, total, scoredTotal } = insight;
  const models: Report['facts'] =
    ranking === null
      ? []
      : [
          ['Encoder', `${ranking.encoderLabel} (${ranking.encoder})`],
          ['Head', `${ranking.headLabel} (${ranking.head})`],
          ['Precision', ranking.precision],
          [
            'Part of each song',
            `${ranking.windowLengthSeconds} s from ${ranking.windowStartSeconds === 0 ? 'its beginning' : `${ranking.windowStartSeconds} s on`}`,
          ],
        ];
  return [
    ['Songs', `${count(scoredTotal)} with a score, of ${count(total)}`],
    ['Chosen', describeFilter(filter)],
    ...models,
    ...(card === null ? [] : headFacts(card)),
    ['Written', dateFormat.format(writtenAt)],
  ];
}

/** What the head itself was found to be worth, on songs that its training never saw. */
function headFacts({ data, test, baselines }: HeadCard): Report['facts'] {
  const mean = baselines.find(({ name }) => name === 'mean')?.metrics.mae ?? null;
  const guess = mean === null ? '' : `; always guessing the mean: ${mean.value.toFixed(2)}`;
  return [
    ['Head trained on', `${counted(data.trainSongs, 'song')}: ${data.source}`],
    [
      'Head on its test songs',
      `${count(test.songs)} songs: rank correlation ${estimate(test.spearman)}, mean error ${estimate(test.mae)}${guess}`,
    ],
  ];
}

function estimate(figure: Estimate | null): string {
  if (figure === null) return 'not defined';
  const { value, low, high } = figure;
  return pointsWithInterval({ value, interval: { low, high } });
}

function caveatsOf({ insight: { ranking } }: ReportBasis): string[] {
  return [
    'A score is a model’s guess at how well a song would be liked. It ranks the songs of one batch; it is no verdict on any of them.',
    ...(ranking?.isDraft === true
      ? [
          'These are draft scores: a rough first order by simple measures of the sound, on a scale of their own.',
        ]
      : []),
    ...(ranking === null || ranking.precision === 'fp32'
      ? []
      : [
          `The encoder ran in ${ranking.precision}: scores differ a little from those in fp32, the reference.`,
        ]),
    intervalNote,
    'That two things go together does not say that one makes the other: prompts, keys and settings that were used together cannot be told apart here.',
    'Songs that share a prompt or a seed resemble one another, so that true ranges can be wider than those given.',
  ];
}
