/** The one style sheet of a report: both themes by the reader's system, and paper. */
import { plotColorRules } from '../../plots/palette.ts';
import { plotFonts } from '../../plots/standalone-svg.ts';

export const reportStyle = `
:root { color-scheme: light dark; ${plotColorRules('light')} --link: #0a5f97; }
@media (prefers-color-scheme: dark) { :root { ${plotColorRules('dark')} --link: #7cc4ef; } }
* { box-sizing: border-box; }
body {
  max-width: 800px; margin: 0 auto; padding: 48px 24px 96px;
  background: var(--plot-ground); color: var(--plot-text);
  font: 15px/1.55 ${plotFonts};
}
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0 0 4px; font-size: 20px; line-height: 1.3; }
h3 { margin: 0 0 8px; font-size: 15px; }
p { margin: 0; }
a { color: var(--link); }
.subtitle { margin-top: 6px; color: var(--plot-dim); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 12px 24px; margin: 28px 0 0; }
dt { color: var(--plot-dim); font-size: 12px; }
dd { margin: 0; overflow-wrap: anywhere; }
nav { margin: 32px 0 0; padding: 12px 0; border-block: 1px solid var(--plot-line); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; padding: 0; list-style: none; font-size: 14px; }
section { margin-top: 56px; scroll-margin-top: 16px; }
.sentence { max-width: 68ch; color: var(--plot-text); overflow-wrap: anywhere; }
figure { margin: 20px 0 0; }
figure + figure { margin-top: 36px; }
.picture { overflow-x: auto; }
.picture svg { display: block; max-width: 100%; height: auto; }
details { margin-top: 8px; }
summary { width: fit-content; color: var(--plot-dim); font-size: 13px; cursor: pointer; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.links { margin-top: 4px; color: var(--plot-dim); font-size: 13px; }
.link { margin-inline-end: 18px; }
.scroller { max-height: 420px; margin-top: 8px; overflow: auto; border: 1px solid var(--plot-line); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
caption { padding: 8px; color: var(--plot-dim); text-align: start; }
th, td { max-width: 320px; padding: 4px 8px; border-top: 1px solid var(--plot-line); text-align: start; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--plot-dim); font-weight: 500; }
.number { text-align: end; white-space: nowrap; }
footer { margin-top: 72px; padding-top: 24px; border-top: 1px solid var(--plot-line); }
footer ul { max-width: 68ch; margin: 8px 0 0; padding-inline-start: 18px; color: var(--plot-dim); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print {
  :root { color-scheme: light; ${plotColorRules('light')} --link: #0a5f97; }
  body { max-width: none; padding: 0; background: none; font-size: 11pt; }
  nav, details, .links { display: none; }
  section { margin-top: 28pt; }
  figure, h2, .sentence { break-inside: avoid; }
  h2, .sentence { break-after: avoid; }
}
`;
