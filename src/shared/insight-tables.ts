/** The tables behind the plots of the analyses, the same on the screen, in a report and as CSV. */
import { type CellSource, column, type DataTable, makeTable } from './data-table.ts';
import type {
  ComparedGroup,
  Figure,
  GroupRanking,
  GroupScores,
  HitRate,
  ScoreBin,
  SongPoint,
} from './insight-parts.ts';
import type {
  ComparisonInsight,
  InsightAnalysis,
  KeysInsight,
  ReferenceInsight,
  RelationInsight,
  TempoKeysInsight,
  TermsInsight,
  TopBottomInsight,
} from './insight.ts';
import { quantityDigits, quantityNames } from './quantity-names.ts';

/** The tables of an analysis, the most telling one first; an analysis has at least one. */
export function insightTables(analysis: InsightAnalysis): DataTable[] {
  switch (analysis.kind) {
    case 'scores':
      return [binTable('scores', analysis.bins)];
    case 'hit-rates':
      return [hitRateTable(analysis.rates)];
    case 'genres':
    case 'prompts':
      return [groupTable(analysis.kind, analysis.kind === 'genres' ? 'genre' : 'prompt', analysis.ranking)];
    case 'terms':
      return [termTable(analysis)];
    case 'tempo':
    case 'duration':
    case 'loudness':
    case 'generation-time':
      return relationTables(analysis);
    case 'keys':
      return keyTables(analysis);
    case 'tempo-keys':
      return [tempoKeyTable(analysis)];
    case 'top-bottom':
      return topBottomTables(analysis);
    case 'reference':
      return referenceTables(analysis);
    case 'comparison':
      return comparisonTables(analysis);
  }
}

/** The three columns of a figure with its interval. */
function figureColumns<Row>(
  id: string,
  label: string,
  of: (row: Row) => Figure | null,
  kind: 'number' | 'share' = 'number',
): CellSource<Row>[] {
  return [
    column(id, label, kind, (row) => of(row)?.value ?? null),
    column(`${id}_low`, `${label}, from`, kind, (row) => of(row)?.interval?.low ?? null),
    column(`${id}_high`, `${label}, to`, kind, (row) => of(row)?.interval?.high ?? null),
  ];
}

function binTable(name: string, bins: readonly ScoreBin[]): DataTable {
  return makeTable({ name, caption: 'One row for each span of scores.' }, bins, [
    column('from', 'from', 'number', ({ from }) => from, 1),
    column('to', 'to', 'number', ({ to }) => to, 1),
    column('songs', 'songs', 'count', ({ songs }) => songs),
  ]);
}

const hitRateColumns: readonly CellSource<HitRate>[] = [
  column('threshold', 'score at least', 'number', ({ threshold }) => threshold, 1),
  column('songs', 'songs', 'count', ({ songs }) => songs),
  column('hits', 'reach it', 'count', ({ hits }) => hits),
  ...figureColumns<HitRate>('rate', 'share', ({ rate }) => rate, 'share'),
];

function hitRateTable(rates: readonly HitRate[]): DataTable {
  return makeTable(
    { name: 'hit-rates', caption: 'One row for each threshold; the interval is Wilson’s, 95 %.' },
    rates,
    hitRateColumns,
  );
}

function groupTable(name: string, what: string, { groups }: GroupRanking): DataTable {
  return makeTable({ name, caption: `One row for each ${what}; intervals of 95 %.` }, groups, [
    column<GroupScores>('name', what, 'text', (group) => group.name),
    column('songs', 'songs', 'count', ({ songs }) => songs),
    ...figureColumns<GroupScores>('mean', 'mean', ({ mean }) => mean),
    column('median', 'median', 'number', ({ median }) => median),
    column('best', 'best', 'number', ({ best }) => best),
    column('worst', 'worst', 'number', ({ worst }) => worst),
    ...figureColumns<GroupScores>(
      'against_others',
      'against the others',
      ({ againstOthers }) => againstOthers?.difference ?? null,
    ),
    column('is_clear', 'clear', 'flag', ({ againstOthers }) => againstOthers?.isClear ?? null),
  ]);
}

function termTable({ terms }: TermsInsight): DataTable {
  type Term = TermsInsight['terms'][number];
  return makeTable({ name: 'terms', caption: 'One row for each word or style of the prompts.' }, terms, [
    column<Term>('term', 'term', 'text', ({ term }) => term),
    column('kind', 'kind', 'text', ({ kind }) => kind),
    column('songs', 'songs', 'count', ({ songs }) => songs),
    column('prompts', 'prompts', 'count', ({ prompts }) => prompts),
    column('mean_with', 'mean with it', 'number', ({ meanWith }) => meanWith),
    column('mean_without', 'mean without it', 'number', ({ meanWithout }) => meanWithout),
    ...figureColumns<Term>('difference', 'difference', ({ difference }) => difference),
    column('is_clear', 'clear', 'flag', ({ isClear }) => isClear),
  ]);
}

function relationTables({ kind, bins, points }: RelationInsight): DataTable[] {
  type Bin = RelationInsight['bins'][number];
  const { label, unit } = quantityNames[kind];
  const digits = quantityDigits[kind];
  const named = unit === null ? label : `${label}, ${unit}`;
  return [
    makeTable({ name: kind, caption: `One row for each span; from and to in ${unit ?? label}.` }, bins, [
      column<Bin>('from', 'from', 'number', ({ from }) => from, digits),
      column('to', 'to', 'number', ({ to }) => to, digits),
      column('songs', 'songs', 'count', ({ songs }) => songs),
      ...figureColumns<Bin>('mean', 'mean score', ({ mean }) => mean),
    ]),
    makeTable({ name: `${kind}-songs`, caption: 'One row for each point of the plot.' }, points, [
      column<SongPoint>('song_id', 'song', 'count', ({ songId }) => songId),
      column('x', named, 'number', ({ x }) => x, digits),
      column('score', 'score', 'number', ({ score }) => score),
    ]),
  ];
}

function keyTables({ ranking, modes }: KeysInsight): DataTable[] {
  return [groupTable('keys', 'key', ranking), comparedTable('modes', modes.major, modes.minor)];
}

function tempoKeyTable({ keys, tempoEdgesBpm, cells }: TempoKeysInsight): DataTable {
  type Cell = TempoKeysInsight['cells'][number];
  return makeTable(
    { name: 'tempo-keys', caption: 'One row for each key and tempo that songs have.' },
    cells,
    [
      column<Cell>('key', 'key', 'text', ({ key }) => keys[key] ?? null),
      column('tempo_from', 'BPM, from', 'number', ({ tempo }) => tempoEdgesBpm[tempo] ?? null, 0),
      column('tempo_to', 'BPM, to', 'number', ({ tempo }) => tempoEdgesBpm[tempo + 1] ?? null, 0),
      column('songs', 'songs', 'count', ({ songs }) => songs),
      ...figureColumns<Cell>('mean', 'mean', ({ mean }) => mean),
    ],
  );
}

function topBottomTables({ quantities, shares }: TopBottomInsight): DataTable[] {
  type Quantity = TopBottomInsight['quantities'][number];
  type Share = TopBottomInsight['shares'][number];
  return [
    makeTable({ name: 'top-bottom-shares', caption: 'One row for each value that songs can have.' }, shares, [
      column<Share>('attribute', 'what', 'text', ({ attribute }) => attribute),
      column('value', 'value', 'text', ({ value }) => value),
      column('top_songs', 'of the best', 'count', ({ topSongs }) => topSongs),
      column('bottom_songs', 'of the worst', 'count', ({ bottomSongs }) => bottomSongs),
      column('top_share', 'share of the best', 'share', ({ topShare }) => topShare),
      column('bottom_share', 'share of the worst', 'share', ({ bottomShare }) => bottomShare),
      ...figureColumns<Share>('difference', 'difference', ({ difference }) => difference, 'share'),
      column('is_clear', 'clear', 'flag', ({ isClear }) => isClear),
    ]),
    makeTable(
      { name: 'top-bottom-quantities', caption: 'One row for each quantity that songs have.' },
      quantities,
      [
        column<Quantity>('quantity', 'quantity', 'text', ({ quantity }) => quantityNames[quantity].label),
        column('top_songs', 'best songs', 'count', ({ topSongs }) => topSongs),
        column('bottom_songs', 'worst songs', 'count', ({ bottomSongs }) => bottomSongs),
        column('top_median', 'median of the best', 'number', ({ topMedian }) => topMedian),
        column('bottom_median', 'median of the worst', 'number', ({ bottomMedian }) => bottomMedian),
        ...figureColumns<Quantity>('cliffs_delta', 'Cliff’s delta', ({ cliffsDelta }) => cliffsDelta),
        column('is_clear', 'clear', 'flag', ({ isClear }) => isClear),
      ],
    ),
  ];
}

function referenceTables({ bins, reference, quantiles }: ReferenceInsight): DataTable[] {
  type Quantile = ReferenceInsight['quantiles'][number];
  const paired = bins.map((bin, index) => ({ ...bin, reference: reference?.bins[index]?.songs ?? null }));
  type Paired = (typeof paired)[number];
  return [
    makeTable({ name: 'reference', caption: 'One row for each span of scores.' }, paired, [
      column<Paired>('from', 'from', 'number', ({ from }) => from, 1),
      column('to', 'to', 'number', ({ to }) => to, 1),
      column('songs', 'songs', 'count', ({ songs }) => songs),
      column('reference', 'of the reference', 'count', (bin) => bin.reference),
    ]),
    makeTable({ name: 'reference-quantiles', caption: 'One row for each percentile.' }, quantiles, [
      column<Quantile>('share', 'percentile', 'share', ({ share }) => share),
      column('song', 'score of the songs', 'number', ({ song }) => song),
      column('reference', 'score of the reference', 'number', (row) => row.reference),
    ]),
  ];
}

function comparisonTables({ first, second }: ComparisonInsight): DataTable[] {
  const rates = [first, second].flatMap(({ name, hitRates }) => hitRates.map((rate) => ({ name, ...rate })));
  return [
    comparedTable('comparison', first, second),
    makeTable(
      {
        name: 'comparison-hit-rates',
        caption: 'One row for each group and threshold; Wilson’s interval, 95 %.',
      },
      rates,
      [column('group', 'group', 'text', ({ name }) => name), ...hitRateColumns],
    ),
  ];
}

function comparedTable(name: string, first: ComparedGroup, second: ComparedGroup): DataTable {
  return makeTable(
    { name, caption: 'One row for each group; intervals of 95 %.' },
    [first, second],
    [
      column<ComparedGroup>('group', 'group', 'text', (group) => group.name),
      column('songs', 'songs', 'count', ({ songs }) => songs),
      ...figureColumns<ComparedGroup>('mean', 'mean', ({ mean }) => mean),
      column('top_mean', 'mean of the best tenth', 'number', ({ topMean }) => topMean),
      column('minimum', 'worst', 'number', ({ spread }) => spread?.minimum ?? null),
      column('lower_quartile', 'lower quartile', 'number', ({ spread }) => spread?.lowerQuartile ?? null),
      column('median', 'median', 'number', ({ spread }) => spread?.median ?? null),
      column('upper_quartile', 'upper quartile', 'number', ({ spread }) => spread?.upperQuartile ?? null),
      column('maximum', 'best', 'number', ({ spread }) => spread?.maximum ?? null),
    ],
  );
}
