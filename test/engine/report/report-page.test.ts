/** Tests of reports: whatever songs are called, a report is the same few elements, loads nothing and says what it must. */
import domino from 'domino';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFilter } from '../../../src/engine/report/describe-filter.ts';
import { makeEvaluationReport } from '../../../src/engine/report/evaluation-report.ts';
import { makeInsightReport } from '../../../src/engine/report/insight-report.ts';
import { writeReportPage } from '../../../src/engine/report/report-page.ts';
import { chartsOfEvaluation } from '../../../src/plots/charts.ts';
import type { Insight } from '../../../src/shared/insight.ts';
import type { HeadEvaluation } from '../../../src/shared/learn-commands.ts';
import type { SongFilter } from '../../../src/shared/song-query.ts';
import { hostileWords, sampleAnalyses, sampleEvaluation } from '../../support/sample-analyses.ts';

const ranking: NonNullable<Insight['ranking']> = {
  ...{ spaceId: 1, headId: 1, encoder: 'draft', encoderLabel: 'Draft', head: 'draft', headLabel: 'Draft' },
  ...{ precision: 'fp32', windowStartSeconds: 0, windowLengthSeconds: 30, isDraft: true },
  ...{ songCount: 171, lastUsedAtMs: 0 },
};

/** Every sample analysis, with a prompt of this name wherever the samples have hostile words. */
function insightWith(words: string): Insight {
  const replaced = JSON.parse(
    JSON.stringify(sampleAnalyses(), (_, value: unknown) => (value === hostileWords ? words : value)),
  ) as Insight['analyses'];
  return {
    ranking: { ...ranking, headLabel: words },
    total: 175,
    scoredTotal: 171,
    analyses: replaced,
    revision: 1,
  };
}

async function pageWith(words: string, filter: SongFilter = { text: words }): Promise<string> {
  const report = await makeInsightReport({
    ...{ title: words, filter, insight: insightWith(words), card: null },
    writtenAt: new Date('2026-11-26T12:00:00Z'),
  });
  return writeReportPage(report);
}

const elementNames = new Set(
  (
    'html head meta title style body header h1 h2 h3 p dl div dt dd nav ul li a main section figure svg desc g path ' +
    'rect line circle text tspan details summary span table caption thead tbody tr th td footer'
  ).split(' '),
);

/** What these tests look at of a parsed page. */
interface Parsed {
  readonly localName: string;
  readonly id: string;
  readonly textContent: string;
  readonly attributes: ArrayLike<{ name: string; value: string }>;
  querySelector(selector: string): Parsed | null;
  querySelectorAll(selector: string): ArrayLike<Parsed>;
}

function parsePage(page: string): Parsed {
  return domino.createDocument(page) as unknown as Parsed;
}

/** What must hold of any report, as a browser's parser sees it. */
function expectHarmless(page: string): void {
  const elements = Array.from(parsePage(page).querySelectorAll('*'));
  const names = elements.map(({ localName }) => localName);
  expect(names.filter((name) => !elementNames.has(name))).toEqual([]);
  expect(names.filter((name) => name === 'style')).toHaveLength(1);
  for (const element of elements) {
    for (const { name, value } of Array.from(element.attributes)) {
      expect(name).not.toMatch(/^(?:on|style$|src|srcset|action|xlink)/);
      if (name === 'href')
        expect(value).toMatch(/^(?:#[a-z-]+|data:text\/csv;charset=utf-8;base64,[\w+/=]*)$/);
    }
  }
}

describe('a report', () => {
  it('has a section with its sentence for every analysis, and every plot with its table', async () => {
    const document = parsePage(await pageWith('lo-fi piano'));
    const sections = Array.from(document.querySelectorAll('section'));
    expect(sections.map(({ id }) => id)).toEqual(sampleAnalyses().map(({ kind }) => kind));
    for (const section of sections) {
      expect(section.querySelector('.sentence')?.textContent).not.toBe('');
      const figures = Array.from(section.querySelectorAll('figure'));
      expect(figures.length, section.id).toBeGreaterThan(0);
      for (const figure of figures) {
        expect(figure.querySelectorAll('svg[role=img]')).toHaveLength(1);
        expect(figure.querySelectorAll('tbody tr').length, section.id).toBeGreaterThan(0);
        expect(figure.querySelectorAll('a[download$=".csv"]').length).toBe(
          figure.querySelectorAll('table').length,
        );
      }
    }
    expect(document.querySelector('footer')?.textContent).toContain('no verdict');
    expect(document.querySelector('.subtitle')?.textContent).toContain('171 songs with draft scores');
  });

  it('is harmless, whatever songs are called', async () => {
    const page = await pageWith(hostileWords);
    expectHarmless(page);
    expect(page).not.toContain('<script');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), markupLike), async (words) => {
        expectHarmless(await pageWith(words));
      }),
      { numRuns: 8 },
    );
  });

  it('ends early when it is cancelled', async () => {
    const basis = { title: 'x', filter: {}, insight: insightWith('x'), card: null, writtenAt: new Date() };
    await expect(makeInsightReport(basis, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a report of a head', () => {
  const judged = (words: string): HeadEvaluation => ({
    ...{ head: words, card: null, part: 'all', notes: [words] },
    evaluation: sampleEvaluation(),
  });

  it('has every plot of its evaluation, its figures in words, and says what is not known', () => {
    const page = writeReportPage(makeEvaluationReport(judged('mine'), new Date()));
    const document = parsePage(page);
    const sections = Array.from(document.querySelectorAll('section'));
    expect(sections.map(({ id }) => id)).toEqual(
      chartsOfEvaluation(sampleEvaluation()).map(({ name }) => name),
    );
    for (const section of sections) expect(section.querySelectorAll('svg[role=img]')).toHaveLength(1);
    expect(sections[0]?.querySelector('.sentence')?.textContent).toContain(
      'Rank correlation with the labels 0.52 (0.46 to 0.58), mean error 1.12 (1.06 to 1.18) points',
    );
    expect(document.querySelector('.subtitle')?.textContent).toContain('not known');
  });

  it('is harmless, whatever head and songs are called', () => {
    expectHarmless(writeReportPage(makeEvaluationReport(judged(hostileWords), new Date())));
  });
});

/** Pieces that end text, attributes, comments, styles and CDATA, in any order. */
const markupLike = fc
  .array(
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      ';',
      '--',
      '</style>',
      '</svg>',
      '<script>',
      'onload=',
      ']]>',
      '<!--',
      '\u{0}',
      'x',
    ),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));

describe('a filter in words', () => {
  it('says all that it asks for', () => {
    expect(describeFilter({})).toBe('all songs');
    expect(
      describeFilter({
        ...{
          batch: 'latest',
          tempoBpm: { min: 120, max: 128 },
          verdicts: ['keep', 'undecided'],
          stars: { min: 3 },
        },
        ...{ genres: ['lo-fi hip hop'], hasNote: false, score: { max: 7.5 }, durationSeconds: { min: 60 } },
      }),
    ).toBe(
      'the latest batch; tempo 120 to 128 BPM; verdict keep or undecided; stars from 3; genre “lo-fi hip hop”; ' +
        'without a note; score up to 7.5; length from 1:00',
    );
  });
});
