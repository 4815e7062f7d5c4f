/** Writes reports: what scores say, as the command of the contract, and how a head was judged. */
import type { CommandHandlers } from '../shared/contract.ts';
import { hasErrorCode } from '../shared/errors.ts';
import type { HeadCard } from '../shared/head-card.ts';
import type { HeadEvaluation } from '../shared/learn-commands.ts';
import type { reportCommands } from '../shared/report-commands.ts';
import type { Ranking } from '../shared/song-query.ts';
import { replaceOwnFile } from './curate/replace-file.ts';
import type { Engine } from './engine.ts';
import { analyseSongs } from './insight/analyse-songs.ts';
import { cardOf } from './learn-heads.ts';
import { makeEvaluationReport } from './report/evaluation-report.ts';
import { makeInsightReport } from './report/insight-report.ts';
import { ownReportBeginning, writeReportPage } from './report/report-page.ts';

/** The handlers for an engine whose library is open. */
export function reportHandlers(engine: Engine): CommandHandlers<typeof reportCommands> {
  return {
    'write-report': async ({ file, title, replacesOthers, ...query }, { signal }) => {
      const insight = await analyseSongs(engine.library, query, signal);
      const card = insight.ranking === null ? null : await cardOfRanking(engine, insight.ranking);
      const { filter } = query;
      const report = await makeInsightReport({ title, filter, insight, card, writtenAt: new Date() }, signal);
      const text = writeReportPage(report);
      await replaceOwnFile({ file, text, ownBeginning: ownReportBeginning, replacesOthers });
      return {
        file,
        total: insight.total,
        scoredTotal: insight.scoredTotal,
        analyses: report.sections.length,
        plots: report.sections.reduce((plots, { charts }) => plots + charts.length, 0),
        bytes: Buffer.byteLength(text),
      };
    },
  };
}

/**
 * Writes how a head was judged as an HTML file; an earlier report is replaced.
 *
 * @throws BangerError `file-exists` where another file stands, `file-unwritable`, `disk-full`
 */
export async function writeEvaluationReport(judged: HeadEvaluation, file: string): Promise<void> {
  const text = writeReportPage(makeEvaluationReport(judged, new Date()));
  await replaceOwnFile({ file, text, ownBeginning: ownReportBeginning, replacesOthers: false });
}

/** A head that is gone, or cannot be read any more, left its scores behind: the report does without its card. */
async function cardOfRanking(engine: Engine, { head }: Ranking): Promise<HeadCard | null> {
  try {
    return await cardOf(engine, head);
  } catch (thrown) {
    if (lostHead.some((code) => hasErrorCode(thrown, code))) return null;
    throw thrown;
  }
}

const lostHead = [
  'model-missing',
  'model-unusable',
  'checkpoint-corrupt',
  'checkpoint-refused',
  'file-missing',
] as const;
