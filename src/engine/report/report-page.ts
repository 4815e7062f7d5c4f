/** The page of a report: one file without script that asks for nothing from outside, for screen and paper. */
import { createHash } from 'node:crypto';
import type { Chart } from '../../plots/charts.ts';
import type { ColumnKind, DataTable } from '../../shared/data-table.ts';
import { formatCell, tableToCsv } from '../../shared/data-table.ts';
import { count, counted } from '../../shared/insight-phrases.ts';
import { Markup, markup } from './markup.ts';
import { reportStyle } from './report-style.ts';

/** A chart with the picture that was drawn of it, as SVG. */
export interface DrawnChart {
  chart: Chart;
  svg: string;
}

/** One analysis. */
export interface ReportSection {
  /** Its anchor: letters and hyphens. */
  id: string;
  title: string;
  sentence: string;
  charts: readonly DrawnChart[];
}

export interface Report {
  title: string;
  /** Which songs it is about, one line. */
  subtitle: string;
  /** What was measured with: name and value. */
  facts: readonly (readonly [string, string])[];
  /** What to bear in mind, one sentence each. */
  caveats: readonly string[];
  sections: readonly ReportSection[];
}

/** What every report begins with, by which an earlier one is known. */
export const ownReportBeginning = '<!doctype html>\n<!-- A report of Banger Scorer -->\n';

/** Rows of a table that are shown; its CSV has all. */
const mostRows = 200;

/** Writes a report as HTML. Every word of it is text, whatever songs are called. */
export function writeReportPage(report: Report): string {
  const { title, subtitle, facts, caveats, sections } = report;
  const head = markup`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(reportStyle)}</style>
</head>`;
  const body = markup`<body>
<header>
<h1 dir="auto">${title}</h1>
<p class="subtitle" dir="auto">${subtitle}</p>
<dl>${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}</dl>
</header>
<nav aria-label="Analyses"><ul>${sections.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>${sections.map(sectionMarkup)}
</main>
<footer>
<h2>How to read this</h2>
<ul>${caveats.map((caveat) => markup`<li dir="auto">${caveat}</li>`)}</ul>
</footer>
</body>`;
  return `${ownReportBeginning}<html lang="en">\n${head.text}\n${body.text}\n</html>\n`;
}

/** Nothing is loaded, nothing runs, nothing is sent; the one style is known by its hash. */
const policy = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'`,
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');

function sectionMarkup({ id, title, sentence, charts }: ReportSection): Markup {
  const titleId = `${id}-title`;
  return markup`
<section id="${id}" aria-labelledby="${titleId}">
<h2 id="${titleId}">${title}</h2>
<p class="sentence" dir="auto">${sentence}</p>
${charts.map((drawn) => chartMarkup(drawn, charts.length > 1))}
</section>`;
}

function chartMarkup({ chart, svg }: DrawnChart, isTitled: boolean): Markup {
  const { tables, title } = chart;
  return markup`<figure>
${isTitled ? markup`<h3>${title}</h3>` : null}
<div class="picture">${new Markup(svg)}</div>
<details>
<summary>Data<span class="hidden"> of “${title}”</span></summary>
${tables.map(tableMarkup)}
</details>
<p class="links">${tables.map(csvLink)}</p>
</figure>`;
}

function tableMarkup({ name, caption, columns, rows }: DataTable): Markup {
  const shown = rows.slice(0, mostRows);
  const left = rows.length - shown.length;
  const more = left > 0 ? ` ${counted(left, 'more row')} in the CSV.` : '';
  const heads = columns.map(({ label, kind }) => markup`<th scope="col"${lookOf(kind)}>${label}</th>`);
  const lines = shown.map((cells) => {
    const fields = columns.map(
      (column, place) => markup`<td${lookOf(column.kind)}>${formatCell(cells[place] ?? null, column)}</td>`,
    );
    return markup`<tr>${fields}</tr>\n`;
  });
  return markup`<div class="scroller" role="region" tabindex="0" aria-label="Table ${name}">
<table>
<caption>${caption}${more}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines}</tbody>
</table>
</div>`;
}

/** Words keep their own direction; numbers stand below one another. */
function lookOf(kind: ColumnKind): Markup {
  return kind === 'text' ? markup` dir="auto"` : markup` class="number"`;
}

/** The file lies in the link itself; with the mark by which spreadsheets know UTF-8. */
function csvLink(table: DataTable): Markup {
  const content = Buffer.from(`\u{FEFF}${tableToCsv(table).toWellFormed()}`).toString('base64');
  const address = `data:text/csv;charset=utf-8;base64,${content}`;
  const rows = `${count(table.rows.length)} ${table.rows.length === 1 ? 'row' : 'rows'}`;
  return markup`<span class="link"><a href="${address}" download="${table.name}.csv">${table.name}.csv</a> ${rows}</span> `;
}
