/** Words of the insight screen: what the scores say, what is compared, and the report. */
import { commonStrings } from './common.ts';

const { songs } = commonStrings;

export const insightStrings = {
  title: 'Insight',
  open: 'Insight',
  contents: 'Analyses',
  list: 'Back to the list',
  reading: 'Reading the scores…',
  ranksOnly:
    'A score is a model’s guess that ranks songs. It is not the truth about a song, and nothing here says why.',
  draft: 'draft scores',
  draftTitle: (title: string) => `${title} (draft scores)`,
  noMatch: 'No song is within this filter.',
  noSongs: 'No song is here yet.',
  noScores: 'None of these songs has a score yet.',
  noScoresNext: 'What their scores say appears here as soon as they have some.',
  tryAgain: 'Try again',
  showSongs: (what: string) => `${what}: show these songs in the list`,
  pointHint: 'Choose a row of the plot or of its table to see its songs in the list.',

  thresholds: 'Thresholds, in points',
  thresholdsHint: 'From 0 to 10, with commas between. They count for the other hit rates too.',
  thresholdsWrong: 'Write one to twenty numbers from 0 to 10, with commas between.',
  topShare: 'Share of the songs on each side',
  percent: (value: number) => `${value} %`,

  first: 'First group',
  second: 'Second group',
  choose: 'Choose…',
  groupsNeeded: 'Choose two groups of songs, such as those of before and after a change of the generator.',
  sameGroups: 'Both groups are the same songs.',
  groupsApart: 'The groups are as they are chosen here, whatever the list shows.',
  reference: 'Compare with',
  usualReference: 'The stated reference, or else the other songs',
  referenceHint: 'The settings of the library say which reference percentiles are stated against.',
  sets: {
    present: 'What the list shows',
    all: 'All songs',
    batch: (when: string) => `Batch of ${when}`,
    batches: 'Batches',
    folders: 'Folders',
    savedFilters: 'Saved filters',
  },

  report: {
    open: 'Write report…',
    title: 'Write a report',
    lead: 'One HTML file with all of this for the songs that the list shows. It needs nothing else and can be sent.',
    heading: 'Title',
    usualHeading: 'What the scores say',
    file: 'File',
    usualName: 'report.html',
    write: 'Write',
    writing: 'Writing the report',
    stop: 'Stop',
    stopped: 'Stopped. Nothing was written.',
    replace: 'Replace it',
    written: (scored: number, plots: number) =>
      `The report is written: ${songs(scored)} with scores, ${plots === 1 ? '1 plot' : `${plots} plots`}.`,
  },
};
