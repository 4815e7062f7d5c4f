/** Tests of all plots over a document without a browser: each is drawn, named, within its frame, and safe from its words. */
import domino from 'domino';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chart, chartOfTraining, chartsOfEvaluation, chartsOfInsight } from '../../src/plots/charts.ts';
import { drawChart } from '../../src/plots/draw-chart.ts';
import { lineWithin } from '../../src/plots/draw-relations.ts';
import { plainWords } from '../../src/plots/label-room.ts';
import { standaloneSvg } from '../../src/plots/standalone-svg.ts';
import { childElements, type PlotDocument, serializeSvg, type SvgElement } from '../../src/plots/svg-tree.ts';
import type { InsightAnalysis } from '../../src/shared/insight.ts';
import { hostileWords, sampleAnalyses, sampleEpochs, sampleEvaluation } from '../support/sample-analyses.ts';

const document = domino.createDocument('') as unknown as PlotDocument;

function sampleCharts(): Chart[] {
  const curve = chartOfTraining({ epochs: sampleEpochs(), bestEpoch: 27 });
  if (curve === null) throw new Error('a training with epochs has a chart');
  return [...sampleAnalyses().flatMap(chartsOfInsight), curve, ...chartsOfEvaluation(sampleEvaluation())];
}

function elementsOf(element: SvgElement): SvgElement[] {
  return [element, ...childElements(element).flatMap(elementsOf)];
}

interface DrawnText {
  words: string;
  /** Pixels from the left of the picture, as type of the usual width takes them. */
  left: number;
  right: number;
  /** Pixels from its top. */
  y: number;
}

/** Every line of words in a picture, and where it stands. */
function textsOf(element: SvgElement, from = { x: 0, y: 0, anchor: 'middle' }): DrawnText[] {
  const [, x = '0', y = '0'] =
    /translate\(([-\d.]+),([-\d.]+)\)/.exec(element.getAttribute('transform') ?? '') ?? [];
  const here = {
    x: from.x + Number(x),
    y: from.y + Number(y) + parseFloat(element.getAttribute('y') ?? '0') * 11,
    anchor: element.getAttribute('text-anchor') ?? from.anchor,
  };
  if (element.nodeName !== 'text') return childElements(element).flatMap((child) => textsOf(child, here));
  const words = element.textContent ?? '';
  const width = words.length * 0.5 * 11;
  const left =
    here.x - { start: 0, middle: width / 2, end: width }[here.anchor as 'start' | 'middle' | 'end'];
  return [{ words, left, right: left + width, y: here.y }];
}

const drawnNames = new Set(['svg', 'title', 'desc', 'g', 'path', 'rect', 'line', 'circle', 'text', 'tspan']);
const charts = sampleCharts();

it('there is a chart for each analysis, for a training and for an evaluation', () => {
  expect(charts.map(({ name }) => name)).toEqual([
    ...['scores', 'hit-rates', 'genres', 'prompts', 'terms', 'tempo', 'keys', 'modes', 'tempo-keys'],
    ...['duration', 'loudness', 'generation-time', 'top-bottom-shares', 'top-bottom-quantities'],
    ...['reference', 'reference-quantiles', 'comparison', 'comparison-hit-rates', 'learning-curve'],
    ...['head-metrics', 'predictions', 'calibration', 'residuals', 'genre-errors', 'band-errors'],
  ]);
  expect(charts.filter(({ tables }) => tables.every(({ rows }) => rows.length === 0))).toEqual([]);
});

describe.each(charts.map((chart) => [chart.name, chart] as const))('%s', (_, chart) => {
  it.each([320, 720])(
    'is drawn %i pixels wide: named, with nothing but marks and colours by name',
    (width) => {
      const drawn = drawChart(chart, { document, width });
      expect(drawn.getAttribute('role')).toBe('img');
      const [title, description] = childElements(drawn);
      expect([title?.nodeName, title?.textContent]).toEqual(['title', chart.title]);
      expect([description?.nodeName, description?.textContent]).toEqual(['desc', chart.summary]);
      expect(Number(drawn.getAttribute('width'))).toBeLessThanOrEqual(width);
      const elements = elementsOf(drawn);
      expect(elements.map(({ nodeName }) => nodeName).filter((name) => !drawnNames.has(name))).toEqual([]);
      for (const element of elements) {
        for (const { name, value } of Array.from(element.attributes)) {
          expect(name).toMatch(/^(?!on|style|href|xlink|class|id)/);
          expect(value).not.toMatch(/NaN|undefined|Infinity/);
          if (['fill', 'stroke'].includes(name)) expect(value).toMatch(/^(?:var\(--plot-[a-z0-9-]+\)|none)$/);
        }
      }
    },
  );

  it('is XML, whatever songs are called, also as a file of its own without variables', () => {
    const drawn = drawChart(chart, { document, width: 720 });
    for (const svg of [serializeSvg(drawn), standaloneSvg(drawn, hostileWords, 'dark').svg]) {
      for (const wrong of ['<script', '\u{0}', '\u{1b}', '\u{202e}']) expect(svg).not.toContain(wrong);
      expect(svg.isWellFormed()).toBe(true);
    }
    expect(standaloneSvg(drawn, 'x', 'light').svg).not.toContain('var(');
  });
});

describe('the numbers that are drawn', () => {
  it('are those of the analysis: bars as high as their counts', () => {
    const chart = charts.find(({ name }) => name === 'scores');
    if (chart?.name !== 'scores') throw new Error('no scores');
    const bars = elementsOf(drawChart(chart, { document, width: 720 })).filter(
      (one) => one.nodeName === 'rect',
    );
    const counts = chart.data.bins.map(({ songs }) => songs).filter((songs) => songs > 0);
    const heights = bars.map((bar) => Number(bar.getAttribute('height'))).filter((height) => height > 0);
    const perSong = Math.max(...heights) / Math.max(...counts);
    expect(heights.map((height) => Math.round((height / perSong) * 100) / 100)).toEqual(counts);
  });

  it('hold one dot for each group, and no more rows than can be read', () => {
    const sample = sampleAnalyses().find(({ kind }) => kind === 'prompts');
    if (sample?.kind !== 'prompts') throw new Error('no prompts');
    const [group] = sample.ranking.groups;
    if (group === undefined) throw new Error('no group');
    const groups = Array.from({ length: 300 }, (_, place) => ({ ...group, name: `prompt ${place}` }));
    const many: InsightAnalysis = { ...sample, ranking: { ...sample.ranking, groups, groupCount: 300 } };
    const [chart] = chartsOfInsight(many);
    if (chart === undefined) throw new Error('no chart');
    const drawn = drawChart(chart, { document, width: 720 });
    // Dots are paths with a title of their own.
    const dots = elementsOf(drawn).filter(
      (one) => one.nodeName === 'path' && childElements(one)[0]?.nodeName === 'title',
    );
    expect(dots).toHaveLength(25);
    expect(drawn.textContent).toContain('the first 25 of 300');
    expect(chart.tables[0]?.rows).toHaveLength(300);
  });
});

it('nothing is plotted where there is nothing', () => {
  const empty = sampleAnalyses().flatMap((analysis) => chartsOfInsight({ ...analysis, songs: 0 }));
  expect(empty.map(({ name }) => name)).toEqual(['comparison', 'comparison-hit-rates']);
  expect(chartOfTraining({ epochs: [], bestEpoch: 0 })).toBeNull();
});

it('the words on the epoch that was kept stand clear of the axis’ name and of the edges, wherever it lies', () => {
  const [first] = sampleEpochs();
  if (first === undefined) throw new Error('no epoch');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 260, max: 1200 }),
      (last, share, width) => {
        const bestEpoch = 1 + Math.round(share * (last - 1));
        // The epochs between would change nothing here.
        const epochs = [...new Set([1, bestEpoch, last])].map((epoch) => ({ ...first, epoch }));
        const chart = chartOfTraining({ epochs, bestEpoch });
        if (chart === null) throw new Error('no chart');
        const texts = textsOf(drawChart(chart, { document, width }));
        const kept = texts.filter(({ words }) => words.endsWith(`epoch ${bestEpoch} was kept`));
        expect(kept).toHaveLength(3);
        for (const { left, right, y, words } of kept) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(right).toBeLessThanOrEqual(width);
          const beside = texts.filter((other) => other.words !== words && Math.abs(other.y - y) < 11);
          for (const other of beside) {
            expect(other.right <= left || other.left >= right, `${words} over ${other.words}`).toBe(true);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

it('the words on the mean and the median are not cut off, wherever these lie', () => {
  const chart = charts.find(({ name }) => name === 'scores');
  if (chart?.name !== 'scores') throw new Error('no scores');
  const score = fc.double({ min: 0, max: 10, noNaN: true });
  fc.assert(
    fc.property(score, score, score, fc.integer({ min: 260, max: 1200 }), (one, other, median, width) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const { mean, spread, bins } = chart.data;
      if (mean === null || spread === null) throw new Error('no mean');
      const data = {
        ...chart.data,
        bins: bins.map((bin) => ({ ...bin, songs: 1 })),
        mean: { ...mean, value: (low + high) / 2, interval: { low, high } },
        spread: { ...spread, median },
      };
      const words = textsOf(drawChart({ ...chart, data }, { document, width })).filter((text) =>
        /^(mean|median) \d/.test(text.words),
      );
      expect(words).toHaveLength(2);
      for (const { left, right } of words) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
      }
    }),
    { numRuns: 60 },
  );
});

describe('a line through a square', () => {
  it('ends at its sides', () => {
    expect(lineWithin({ slope: 2, offset: -5 }, 0, 10)).toEqual({ x1: 2.5, y1: 0, x2: 7.5, y2: 10 });
    expect(lineWithin({ slope: 0, offset: 3 }, 0, 10)).toEqual({ x1: 0, y1: 3, x2: 10, y2: 3 });
    expect(lineWithin({ slope: 0, offset: 11 }, 0, 10)).toBeNull();
  });
});

it('words of songs stand on one line and turn nothing around', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (words) => {
      expect(plainWords(words)).toMatch(/^[^\p{Cc}\u{202A}-\u{202E}\u{2066}-\u{2069}]+$/u);
    }),
  );
  expect(plainWords(' a\n\tb\u{202e}c ')).toBe('a bc');
});
