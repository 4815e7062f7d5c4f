/** What every chart is called, and what it shows in one sentence for people who do not see it. */
import type { ChartName } from './charts.ts';

export const chartTitles: Record<ChartName, { title: string; shows: string }> = {
  scores: {
    title: 'Scores',
    shows: 'A histogram of the scores, with their quartiles and their mean below it.',
  },
  'hit-rates': {
    title: 'Hit rates',
    shows: 'For each threshold, the share of the songs that reach it, with its interval.',
  },
  genres: {
    title: 'Genres',
    shows: 'The mean score of each genre with its interval, and its worst and best song.',
  },
  prompts: {
    title: 'Prompts',
    shows: 'The mean score of each prompt with its interval, and its worst and best song.',
  },
  terms: {
    title: 'Words and styles',
    shows: 'For each word or style, the mean score of songs with it minus that of songs without it.',
  },
  tempo: {
    title: 'Tempo against score',
    shows: 'A point for each song at its tempo and score, and the mean score of each span of tempos.',
  },
  duration: {
    title: 'Length against score',
    shows: 'A point for each song at its length and score, and the mean score of each span of lengths.',
  },
  loudness: {
    title: 'Loudness against score',
    shows: 'A point for each song at its loudness and score, and the mean score of each span.',
  },
  'generation-time': {
    title: 'Generation time against score',
    shows: 'A point for each song at its generation time and score, and the mean score of each span.',
  },
  keys: {
    title: 'Keys',
    shows: 'The mean score of each key with its interval, and its worst and best song.',
  },
  modes: {
    title: 'Major and minor',
    shows: 'The scores of songs in major and of songs in minor: quartiles, and means with intervals.',
  },
  'tempo-keys': {
    title: 'Tempo and key',
    shows: 'A heat map of mean scores, a row for each key and a column for each span of tempos.',
  },
  'top-bottom-shares': {
    title: 'What the best and the worst songs have',
    shows: 'For each value, its share of the best songs and its share of the worst songs.',
  },
  'top-bottom-quantities': {
    title: 'How the best and the worst songs differ',
    shows: 'For each quantity, how much larger it tends to be among the best songs than among the worst.',
  },
  reference: {
    title: 'These songs and the reference',
    shows: 'The shares of both sets of songs in each span of scores.',
  },
  'reference-quantiles': {
    title: 'Percentile by percentile',
    shows: 'Each percentile of the songs against the same percentile of the reference.',
  },
  comparison: {
    title: 'Two groups',
    shows: 'The scores of both groups: quartiles, and means with intervals.',
  },
  'comparison-hit-rates': {
    title: 'Hit rates of two groups',
    shows: 'For each threshold, the share of each group that reaches it.',
  },
  'learning-curve': {
    title: 'Learning curve',
    shows: 'Training loss, validation error and validation rank correlation by epoch.',
  },
  'head-metrics': {
    title: 'This head and what needs no model',
    shows: 'Rank correlation and mean absolute error of the head and of the baselines, with intervals.',
  },
  predictions: {
    title: 'Predictions and labels',
    shows: 'A point for each song at its label and its prediction.',
  },
  calibration: {
    title: 'Calibration',
    shows: 'For each tenth of the songs by prediction, the mean label against the mean prediction.',
  },
  residuals: {
    title: 'Residuals',
    shows: 'A histogram of prediction minus label.',
  },
  'genre-errors': {
    title: 'Error by genre',
    shows: 'The mean absolute error in each genre with its interval.',
  },
  'band-errors': {
    title: 'Error by label',
    shows: 'The mean absolute error in each band of labels with its interval.',
  },
};
