/**
 * The colours of plots in both themes: text at least 4.5:1 and marks at least 3:1 on their ground, and series that stay
 * apart for colour-blind people (blue against orange, after Okabe and Ito). No series is told by its colour alone.
 */

export const plotThemes = ['light', 'dark'] as const;
export type PlotTheme = (typeof plotThemes)[number];

/** What a colour is for. */
export const plotColorNames = [
  'ground',
  'text',
  'dim',
  'line',
  'neutral',
  'first',
  'second',
  'heat-1',
  'heat-2',
  'heat-3',
  'heat-4',
  'heat-5',
  'heat-ink-1',
  'heat-ink-2',
  'heat-ink-3',
  'heat-ink-4',
  'heat-ink-5',
] as const;
export type PlotColorName = (typeof plotColorNames)[number];

/** `styles/tokens.css` of the page has the same ones. */
export const plotPalette: Record<PlotTheme, Record<PlotColorName, string>> = {
  light: {
    ground: '#fbfaf8',
    text: '#1c1c1e',
    dim: '#55565b',
    line: '#e4e2dc',
    neutral: '#87857d',
    first: '#0a6aa8',
    second: '#b94714',
    'heat-1': '#e6eef5',
    'heat-2': '#bcd6e8',
    'heat-3': '#85b5d6',
    'heat-4': '#2f7db3',
    'heat-5': '#0b4a78',
    'heat-ink-1': '#1c1c1e',
    'heat-ink-2': '#1c1c1e',
    'heat-ink-3': '#1c1c1e',
    'heat-ink-4': '#000000',
    'heat-ink-5': '#ffffff',
  },
  dark: {
    ground: '#141518',
    text: '#e9e8e4',
    dim: '#abadb3',
    line: '#2b2d33',
    neutral: '#7d8089',
    first: '#5ab4ea',
    second: '#ff8a4c',
    'heat-1': '#17242f',
    'heat-2': '#1d3c54',
    'heat-3': '#2a5f86',
    'heat-4': '#4a95c8',
    'heat-5': '#a5d8f7',
    'heat-ink-1': '#e9e8e4',
    'heat-ink-2': '#e9e8e4',
    'heat-ink-3': '#ffffff',
    'heat-ink-4': '#101114',
    'heat-ink-5': '#101114',
  },
};

/** A colour as a plot names it: whatever shows the plot says what it is. */
export function plotColor(name: PlotColorName): string {
  return `var(--plot-${name})`;
}

/** The declarations that give every colour its value in a theme. */
export function plotColorRules(theme: PlotTheme): string {
  return plotColorNames.map((name) => `--plot-${name}: ${plotPalette[theme][name]};`).join(' ');
}

/** Puts the colours of a theme in the place of their names, for programs that know no variables. */
export function resolvePlotColors(svg: string, theme: PlotTheme): string {
  return svg.replaceAll(
    /var\(--plot-([a-z0-9-]+)\)/g,
    (name, key: string) => (plotPalette[theme] as Readonly<Record<string, string>>)[key] ?? name,
  );
}
