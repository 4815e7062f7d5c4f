/** Words of training: data, recipe, progress, results, heads and how they compare. */
import type { LibraryLabel } from '../../shared/data-source.ts';
import type { Estimate } from '../../shared/evaluation.ts';
import type { HeadCard, LabelScale } from '../../shared/head-card.ts';
import type { LabelCounts, TrainingStatus } from '../../shared/learn-commands.ts';
import { countedPlaySeconds } from '../../shared/plays.ts';
import type { TrainingRecipe } from '../../shared/training-recipe.ts';
import type { HeadDoubt } from '../training/head-doubts.ts';
import { commonStrings } from './common.ts';
import { roughTime } from './rough-time.ts';

const number = (value: number) => value.toLocaleString('en');
const { songs } = commonStrings;

/** `0.41 (0.30 to 0.53)`; without the brackets where there were too few songs for them, a dash where it is not defined. */
function estimate(value: Estimate | null, digits = 2): string {
  if (value === null) return '–';
  const isExact = value.low === value.high;
  const [middle, low, high] = [value.value, value.low, value.high].map((part) =>
    part.toFixed(digits).replace('-', '−'),
  );
  if (isExact) return middle ?? '';
  return `${middle ?? ''} (${low ?? ''} to ${high ?? ''})`;
}

export const trainingStrings = {
  title: 'Training',
  open: 'Training',
  openHelp: 'Train a head on your own judgement, and look after heads',
  tabs: { train: 'Train', heads: 'Heads', compare: 'Compare' },

  lead: 'A head turns what an encoder hears into a score. Trained on your own judgement, it ranks by your taste as far as that can be heard from the sound.',
  name: 'Name of the new head',
  nameHint: 'Small letters, digits, dots, dashes and underscores.',
  nameMissing: 'Give it a name.',

  data: 'Songs and labels',
  kinds: { library: 'My library', csv: 'Folder and CSV', embeddings: 'Embeddings' },
  kindHints: {
    library: 'Songs of your library that the encoder has heard.',
    csv: 'A folder of audio and a table that labels its songs. Songs are embedded first, which can take long.',
    embeddings: 'A folder with embeddings.npy and metadata.json, as “banger embed” writes it.',
  },
  label: 'Learn from',
  judgeBy: 'Judge by',
  labels: { verdicts: 'Verdicts', stars: 'Stars', plays: 'Plays' } satisfies Record<LibraryLabel, string>,
  labelHints: {
    verdicts: 'Rejected songs are 0, kept ones 10.',
    stars: 'One star is 0, five are 10.',
    plays: `How often you heard a song: ${countedPlaySeconds} seconds or half of it count as a play. Scaled by the logarithm, as listens are.`,
  } satisfies Record<LibraryLabel, string>,
  labelCounts: ({ kept, rejected, withStars, played }: LabelCounts): Record<LibraryLabel, string> => ({
    verdicts: `${songs(kept)} kept, ${number(rejected)} rejected.`,
    stars: `${songs(withStars)} with stars.`,
    plays: `${songs(played)} played.`,
  }),
  fewLabels: (count: number) =>
    count === 0
      ? 'There is nothing to learn from yet.'
      : `${songs(count)} are too few to trust what comes out; several hundred are a beginning.`,
  audioFolder: 'Folder of the songs',
  csvFile: 'CSV file',
  csvHint: 'The Free Music Archive’s tracks.csv, or any CSV file with a header.',
  chooseAudio: 'Choose the folder of the songs',
  chooseCsv: 'Choose the CSV file',
  chooseCsvFolder: 'Choose the folder of the CSV file',
  embeddingFolder: 'Folder of the embeddings',
  chooseEmbeddings: 'Choose the folder of the embeddings',
  choose: 'Choose…',
  use: 'Use this folder',
  needsPath: 'Name one.',
  readingColumns: 'Reading the columns…',
  tracksFile: 'This is the Free Music Archive’s tracks.csv: songs are found by their number.',
  columnCount: (count: number) => `${number(count)} columns.`,
  labelColumn: 'Column of the label',
  labelColumnMissing: 'Say which column holds the label.',
  pathColumn: 'Column of the song',
  genreColumn: 'Column of the genre',
  onlyColumn: 'Only rows where',
  onlyValue: 'is',
  anyRow: 'every row counts',
  usualColumn: (name: string) => `${name} (as usual)`,
  noColumn: 'none',
  pick: 'choose…',
  scale: 'Labels',
  scales: { 'log-minmax': 'By logarithm', minmax: 'Evenly', none: 'As they are' } satisfies Record<
    LabelScale['method'],
    string
  >,
  scaleHints: {
    'log-minmax': 'For counts such as listens: the smallest becomes 0, the largest 10.',
    minmax: 'The smallest becomes 0, the largest 10.',
    none: 'Every label must lie between 0 and 10.',
  } satisfies Record<LabelScale['method'], string>,
  keepsZero: 'A value of 0 is a label too',
  keepsZeroHint: 'The reference leaves such songs out: listens of 0 say that a song was not found.',

  encoder: 'Encoder',
  encoderHint: 'The head can be used with this encoder alone.',
  draftHint:
    'The draft measures level, loudness and beat, not music. A head on it can learn little of taste.',

  recipe: 'Recipe',
  recipeLead: 'The numbers of the model card. Change them if you know why.',
  recipeChanged: (count: number) => `${number(count)} changed`,
  recipeAsCard: 'as the model card’s',
  recipeReset: 'Back to the card’s numbers',
  recipeFields: {
    widths: { label: 'Widths of the hidden layers', hint: 'Whole numbers, one for each layer.' },
    dropout: { label: 'Dropout', hint: 'After each layer, 0 to 0.95; one number stands for all.' },
    epochs: { label: 'Epochs at most', hint: '1 to 100,000' },
    batchSize: { label: 'Batch size', hint: '2 to 65,536 songs' },
    learningRate: { label: 'Learning rate', hint: 'Above 0; falls by a cosine.' },
    weightDecay: { label: 'Weight decay', hint: '0 to 10' },
    beta1: { label: 'AdamW beta 1', hint: '0 to below 1' },
    beta2: { label: 'AdamW beta 2', hint: '0 to below 1' },
    epsilon: { label: 'AdamW epsilon', hint: 'Above 0, up to 1' },
    patience: { label: 'Patience', hint: 'Epochs without a better one.' },
    seed: { label: 'Seed', hint: 'First weights, order, dropout.' },
    heldOutShare: { label: 'Share held out', hint: 'Of all songs, between 0 and 1.' },
    testShare: { label: 'Share of those that tests', hint: 'Between 0 and 1.' },
    splitSeed: { label: 'Seed of the split', hint: 'Which songs are held out.' },
  } satisfies Record<keyof TrainingRecipe, { label: string; hint: string }>,
  recipeProblem: (hint: string) => `This cannot be used. ${hint}`,

  start: 'Train',
  starting: 'Starting…',
  noEncoder: 'No encoder is here to train with.',

  state: {
    idle: '',
    preparing: 'Reading models and data',
    embedding: 'Embedding songs',
    training: 'Training',
    judging: 'Judging the head by songs it has not seen',
    finished: 'Trained',
    failed: 'The training ended',
    cancelled: 'Stopped',
  } satisfies Record<TrainingStatus['state'], string>,
  progressOf: (name: string) => `Head “${name}”`,
  embedding: ({
    done,
    total,
    cached,
    songsPerSecond,
    etaSeconds,
  }: NonNullable<TrainingStatus['embedding']>) =>
    [
      `${number(done)} of ${songs(total)}`,
      ...(cached > 0 ? [`${number(cached)} known before`] : []),
      ...(songsPerSecond === null ? [] : [`${songsPerSecond.toFixed(songsPerSecond < 10 ? 1 : 0)} songs/s`]),
      ...(etaSeconds === null || done >= total ? [] : [`about ${roughTime(etaSeconds)} to go`]),
    ].join(' · '),
  failures: (failed: number) =>
    `${failed === 1 ? 'One song' : `${number(failed)} songs`} could not be embedded`,
  moreFailures: (count: number) => `and ${number(count)} more`,
  epoch: (epoch: number, most: number) => `Epoch ${number(epoch)} of at most ${number(most)}`,
  bestEpoch: (epoch: number) => (epoch === 0 ? '' : `the best so far is ${number(epoch)}`),
  lastEpoch: (mae: number, spearman: number | null) =>
    `Validation: MAE ${mae.toFixed(3)}, Spearman ${spearman === null ? '–' : spearman.toFixed(3).replace('-', '−')}`,
  resumed: 'Went on where an earlier run was ended.',
  parts: ({ train, validation, test }: NonNullable<TrainingStatus['parts']>) =>
    `${songs(train)} train, ${number(validation)} choose the epoch, ${number(test)} test.`,
  leftOut: 'About the data',
  cancel: 'Stop',
  cancelledLead: 'What was learned so far is kept: the same training goes on from there.',
  resume: 'Go on',
  again: 'Train another',
  retry: 'Try again',
  change: 'Change it',

  finished: (name: string, { bestEpoch, epochsRun }: HeadCard) =>
    `“${name}” is trained. The best of ${number(epochsRun)} epochs was ${number(bestEpoch)}.`,
  endedNotice: (name: string, state: TrainingStatus['state']) =>
    state === 'finished' ? `The head “${name}” is trained.` : `The training of “${name}” has failed.`,
  useHead: 'Score with it',
  usingHead: 'Switching…',
  isUsed: 'in use',
  testedOn: (count: number) => `On ${songs(count)} that training never saw`,
  judgedOn: (count: number) => `On ${songs(count)}`,
  figures: {
    mae: 'Mean error, in points',
    spearman: 'Rank correlation',
    pairs: 'Pairs in the right order',
  },
  mae: (value: Estimate | null) => estimate(value),
  spearman: (value: Estimate | null) => estimate(value),
  pairs: (value: Estimate | null) =>
    value === null
      ? '–'
      : value.low === value.high
        ? `${Math.round(value.value * 100)} %`
        : `${Math.round(value.value * 100)} % (${Math.round(value.low * 100)} to ${Math.round(value.high * 100)})`,
  intervals: 'In brackets: where 95 of 100 resampled sets of songs would lie.',
  doubts: {
    few: (count: number) => `Trained on ${songs(count)}: too few to trust.`,
    untested: (count: number) => `Tested on ${songs(count)}: so few that these figures say nothing.`,
    chance: 'Its order of these songs may be chance: the interval of the rank correlation reaches 0.',
    mean: 'It is not clearly better than giving every song the mean.',
    loudness: 'It is not clearly better than going by loudness alone.',
  } satisfies Record<HeadDoubt, string | ((count: number) => string)>,
  ranksOnly: 'A score ranks songs by what the labels said; it is not the truth about a song.',
  plots: 'Plots',

  heads: {
    none: 'No head is here yet.',
    reading: 'Reading the heads…',
    list: 'Heads',
    select: 'Choose a head to see what it was trained on.',
    builtIn: 'comes with the app',
    noCard: 'This head has no model card: another program made it.',
    broken: 'cannot be used',
    line: (card: HeadCard) => `${songs(card.data.songs)}, ${card.data.label}`,
    tested: (card: HeadCard) =>
      card.test.mae === null
        ? ''
        : `test MAE ${card.test.mae.value.toFixed(2)} on ${number(card.test.songs)}`,
    forEncoder: (encoder: string) => `for ${encoder}`,
    use: 'Score with it',
    noEncoder: 'Its encoder is not here.',
    wrongEncoder: (encoder: string) => `It was trained on ${encoder}, which is not here.`,
    used: (rescored: number, queued: number) =>
      queued > 0
        ? `It is in use. Still to be scored with it: ${songs(queued)}.`
        : `It is in use. Scored anew: ${songs(rescored)}.`,
    export: 'Export…',
    exportTitle: (id: string) => `Export “${id}”`,
    exportLead: 'A file of its own, with its model card inside.',
    exportForm: 'Form',
    exportForms: { pt: 'PyTorch (.pt)', safetensors: 'safetensors' },
    exportHints: {
      pt: 'torch.load("….pt", weights_only=True) reads it.',
      safetensors: 'Read by most tools without running anything.',
    },
    exportFile: 'File',
    exported: (file: string) => `${file} is written.`,
    write: 'Write',
    delete: 'Delete…',
    deleteQuestion: (isUsed: boolean) =>
      isUsed
        ? 'Delete this head? It is in use: another one takes its place. Its scores stay.'
        : 'Delete this head? Its scores stay in the library.',
    deleteYes: 'Delete',
    deleteNo: 'Keep',
    deleted: (id: string, replacedBy: { encoder: string; head: string } | null) =>
      replacedBy === null
        ? `“${id}” is deleted.`
        : `“${id}” is deleted. Songs are scored with “${replacedBy.head}” on ${replacedBy.encoder} now.`,
    judge: 'Judge it by other songs',
    judgeLead:
      'By songs with labels. Those that it was tested with count where the data is what it was trained on.',
    judging: 'Judging…',
    judgeButton: 'Judge',
    judgedByTest: 'These are the songs that tested it; it was not trained on them.',
    judgedByAll: 'All songs of the data. Whether it was trained on some of them is not known.',
    card: {
      title: 'Model card',
      date: 'Trained',
      encoder: 'Encoder',
      data: 'Data',
      label: 'Label',
      songs: 'Songs',
      split: 'Split',
      notes: 'Left out',
      layers: 'Layers',
      recipe: 'Recipe',
      epochs: 'Epochs',
      test: 'Test',
      validation: 'Validation',
    },
    encoderOf: ({ id, embeddingSize, sha256 }: HeadCard['encoder']) =>
      `${id}, ${embeddingSize} values${sha256 === null ? '' : `, SHA-256 ${sha256.slice(0, 12)}…`}`,
    songsOf: ({ songs: all, trainSongs, validationSongs, testSongs }: HeadCard['data']) =>
      `${number(all)}: ${number(trainSongs)} train, ${number(validationSongs)} validation, ${number(testSongs)} test`,
    layersOf: ({ widths, dropout }: TrainingRecipe) => `${widths.join(', ')}; dropout ${dropout.join(', ')}`,
    recipeOf: ({ learningRate, weightDecay, batchSize, epochs, patience, seed }: TrainingRecipe) =>
      `AdamW ${learningRate} / ${weightDecay}, batch ${batchSize}, cosine over ${epochs}, patience ${patience}, seed ${seed}`,
    epochsOf: ({ epochsRun, bestEpoch }: HeadCard) =>
      `${number(epochsRun)}, the best was ${number(bestEpoch)}`,
    metricsOf: ({ songs: count, mae, spearman }: HeadCard['test']) =>
      `${songs(count)}: MAE ${estimate(mae)}, Spearman ${estimate(spearman)}`,
  },

  compare: {
    lead: 'Ranks the same songs of your library by two heads of one encoder. Nothing is stored.',
    first: 'First head',
    second: 'Second head',
    go: 'Compare',
    going: 'Comparing…',
    needsTwo: 'Two different heads are needed.',
    summary: (count: number, encoder: string) => `${songs(count)} by ${encoder}.`,
    agreement: (spearman: number | null) =>
      spearman === null
        ? 'Whether their orders agree cannot be said: one of them gives every song the same score.'
        : `Rank correlation of both orders: ${spearman.toFixed(2).replace('-', '−')}.`,
    top: (shared: number, top: number) => `${number(shared)} of the first ${number(top)} are the same.`,
    largest: 'Largest changes of rank',
    song: 'Song',
    rank: (head: string) => `Rank by ${head}`,
    score: (head: string) => `Score by ${head}`,
    rise: 'Change',
    rises: (rise: number) =>
      rise > 0 ? `up ${number(rise)}` : rise < 0 ? `down ${number(-rise)}` : 'the same',
    empty: 'No song was heard by an encoder that both heads go with.',
  },
};
