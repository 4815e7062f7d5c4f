/** Text can be read on every surface it stands on, in both themes: WCAG AA, by the tokens themselves. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(
  path.join(import.meta.dirname, '..', '..', 'src', 'renderer', 'styles', 'tokens.css'),
  'utf8',
);

/** The colours that a rule of the file sets. */
function coloursOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

const light = coloursOf(':root');
const themes = { light, dark: { ...light, ...coloursOf(":root[data-theme='dark']") } };

/** Relative luminance of sRGB, 0..1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Which colours stand on which. Faint text is never put on the washes: rows turn it to dim there. */
const pairs = [
  ...['background', 'panel', 'raised', 'hover', 'accent-wash'].flatMap((surface) =>
    ['text', 'dim'].map((text) => [text, surface] as const),
  ),
  ...['background', 'panel', 'raised'].map((surface) => ['faint', surface] as const),
  ['on-accent', 'accent'] as const,
];

describe.each(Object.entries(themes))('in %s colours', (_, colours) => {
  it.each(pairs)('%s on %s', (text, surface) => {
    expect(contrast(colours[text] ?? '#808080', colours[surface] ?? '#808080')).toBeGreaterThanOrEqual(4.5);
  });

  it('shows focus and what is live on every surface', () => {
    for (const surface of ['background', 'panel', 'raised']) {
      expect(contrast(colours['accent'] ?? '', colours[surface] ?? '')).toBeGreaterThanOrEqual(3);
    }
  });

  it('names every colour that is compared', () => {
    for (const name of new Set(pairs.flat())) expect(colours[name]).toMatch(/^#/);
  });
});
