/** The list of songs as tests see it: rows from top to bottom, by what they show. */
import { expect, type Locator, type Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import type { ListColumnName } from '../../../src/shared/app-settings.ts';

export class SongGrid {
  readonly page: Page;
  readonly grid: Locator;

  constructor(page: Page) {
    this.page = page;
    this.grid = page.getByRole('grid', { name: strings.list.label });
  }

  /** Rows of songs, without heads and groups. */
  get rows(): Locator {
    return this.grid.locator('[role="row"][aria-selected]');
  }

  /** The row of a song, by its whole title. */
  row(title: string): Locator {
    return this.rows.filter({ has: this.page.getByText(title, { exact: true }) });
  }

  selected(): Locator {
    return this.grid.locator('[role="row"][aria-selected="true"]');
  }

  head(column: ListColumnName): Locator {
    const name = column === 'score' ? strings.filters.draftScore : strings.list.columns[column];
    return this.grid.getByRole('columnheader', { name, exact: true });
  }

  /** The columns that are shown, from left to right, by their heads' names. */
  async columns(): Promise<string[]> {
    const heads = await this.grid.getByRole('columnheader').getByRole('button').all();
    return Promise.all(heads.map(async (head) => (await head.getAttribute('aria-label')) ?? ''));
  }

  /** What the rows show in one column, from top to bottom, one text a line of a cell. */
  async texts(column: ListColumnName): Promise<string[]> {
    const place = (await this.head(column).getAttribute('aria-colindex')) ?? '';
    return this.rows.evaluateAll(
      (rows, colindex) =>
        rows
          .map((row) => ({
            place: Number(row.getAttribute('aria-rowindex')),
            cell: row.querySelector<HTMLElement>(`[role="gridcell"][aria-colindex="${colindex}"]`),
          }))
          .sort((one, other) => one.place - other.place)
          .map(({ cell }) => cell?.innerText.trim() ?? ''),
      place,
    );
  }

  /** Titles from top to bottom. */
  async titles(): Promise<string[]> {
    const texts = await this.texts('title');
    return texts.map((text) => text.split('\n')[0]?.trim() ?? '');
  }

  /** Scores from top to bottom; NaN for a song without one. */
  async scores(): Promise<number[]> {
    return (await this.texts('score')).map((text) => Number.parseFloat(text));
  }

  /**
   * Waits until so many songs are listed and all of them have a score; in a list by score also until they stand in
   * order, since rows get their scores a moment before the order follows.
   */
  async waitForScores(count: number): Promise<void> {
    await expect
      .poll(async () => (await this.scores()).filter((score) => !Number.isNaN(score)).length, {
        message: `${count} songs with a score`,
        timeout: 120_000,
      })
      .toBe(count);
    const sorted = await this.head('score').getAttribute('aria-sort');
    if (sorted === 'descending') await this.expectBestFirst();
  }

  /** Waits until the scores stand in their order. */
  async expectBestFirst(): Promise<void> {
    await expect(async () => {
      const scores = await this.scores();
      expect(scores).toEqual(scores.toSorted((one, other) => other - one));
    }).toPass();
  }
}
