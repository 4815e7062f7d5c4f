/** Tests of the colours of plots: contrast in both themes, colour-blind people, and the page's own style sheet. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plotColorNames, plotPalette, plotThemes, resolvePlotColors } from '../../src/plots/palette.ts';

type Rgb = readonly [number, number, number];

/** Linear light of a colour such as `#1c1c1e`, 0..1 each. */
function linear(hex: string): Rgb {
  const part = (place: number) => {
    const value = Number.parseInt(hex.slice(1 + 2 * place, 3 + 2 * place), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(0), part(1), part(2)];
}

/** WCAG 2: 1 for equal colours, 21 for black on white. */
function contrast(one: string, other: string): number {
  const [bright = 0, dark = 0] = [one, other]
    .map((hex) => {
      const [red, green, blue] = linear(hex);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((a, b) => b - a);
  return (bright + 0.05) / (dark + 0.05);
}

/** What colour-blind people see, in linear light: Machado and others (2009), severity 1. */
const sights: Record<string, readonly Rgb[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Distance in OKLab (Ottosson, 2020); about 0.02 is just noticeable. */
function distance(one: string, other: string, sight: readonly Rgb[]): number {
  const lab = (hex: string): Rgb => {
    const [r, g, b] = sight.map((row) => {
      const value = linear(hex).reduce((sum, part, place) => sum + part * (row[place] ?? 0), 0);
      return Math.min(1, Math.max(0, value));
    }) as [number, number, number];
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

describe.each(plotThemes)('in %s colours', (theme) => {
  const colors = plotPalette[theme];

  it('words reach 4.5:1 on what they stand on, and marks 3:1', () => {
    const words = [
      ['text', 'ground'],
      ['dim', 'ground'],
      ...[1, 2, 3, 4, 5].map((step) => [`heat-ink-${step}`, `heat-${step}`] as const),
    ] as const;
    const low = words.filter(
      ([ink, ground]) =>
        contrast(colors[ink as keyof typeof colors], colors[ground as keyof typeof colors]) < 4.5,
    );
    expect(low).toEqual([]);
    for (const mark of ['first', 'second', 'neutral'] as const) {
      expect(contrast(colors[mark], colors.ground), mark).toBeGreaterThanOrEqual(3);
    }
  });

  it('series, and steps of the heat map, stay apart for everybody', () => {
    for (const [sight, matrix] of Object.entries(sights)) {
      expect(distance(colors.first, colors.second, matrix), sight).toBeGreaterThan(0.15);
      for (const [low, high] of [
        ['heat-1', 'heat-2'],
        ['heat-2', 'heat-3'],
        ['heat-3', 'heat-4'],
        ['heat-4', 'heat-5'],
      ] as const) {
        expect(distance(colors[low], colors[high], matrix), `${sight}: ${low}`).toBeGreaterThan(0.05);
      }
    }
  });

  it('the page’s style sheet has the same ones', () => {
    const file = join(import.meta.dirname, '../../src/renderer/styles/tokens.css');
    const [light = '', dark = ''] = readFileSync(file, 'utf8').split(`:root[data-theme='dark']`);
    const rules = theme === 'light' ? light : dark;
    const found = [...rules.matchAll(/--plot-([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(found).toEqual(Object.entries(colors));
  });

  it('every name can be replaced by its value', () => {
    const named = plotColorNames.map((name) => `var(--plot-${name})`).join(' ');
    expect(resolvePlotColors(named, theme)).toBe(plotColorNames.map((name) => colors[name]).join(' '));
  });
});
