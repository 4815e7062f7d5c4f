/** What every test of the page has at hand: a place, a running server, and the page opened through its address. */
import { expect, type Page, test as base } from '@playwright/test';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import type { RunningServe } from '../../support/serve.ts';
import { type Beginning, TestPlace } from './test-place.ts';

/** The server of a test, which it may end, kill and start again. */
export class App {
  readonly place: TestPlace;
  server: RunningServe;

  private constructor(place: TestPlace, server: RunningServe) {
    this.place = place;
    this.server = server;
  }

  static async start(place: TestPlace): Promise<App> {
    return new App(place, await place.serve());
  }

  /** Opens the page through a new address, as it is printed. */
  async open(page: Page): Promise<void> {
    await page.goto(await this.server.newAddress());
    await expect(page.locator('#app')).not.toBeEmpty();
  }

  /** Ends the server cleanly and starts it again. */
  async restart(): Promise<void> {
    await this.server.stop();
    await this.startAgain();
  }

  /** Starts the server again after it ended. @param port 0 for any that is free */
  async startAgain(port = 0): Promise<void> {
    this.server = await this.place.serve(port);
  }
}

/** Looks into the library while the server has it open. */
export function inLibrary<Value>(app: App, look: (library: Library) => Value): Value {
  const library = openLibrary(app.place.libraryFile, { readOnly: true });
  try {
    return look(library);
  } finally {
    library.close();
  }
}

/** Errors that a page reported and that nobody expected. */
class PageProblems {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(page: Page) {
    page.on('pageerror', (error) => this.#found.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#found.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** Says which messages belong to what the test does. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** Those that nobody expected. */
  get unexpected(): string[] {
    return this.#found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}

interface TestFixtures {
  /** Set by `test.use`. */
  beginning: Beginning;
  app: App;
  /** Reported errors fail the test unless it expects them. */
  problems: PageProblems;
}

interface WorkerFixtures {
  place: TestPlace;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  place: [
    // Playwright reads from the pattern that nothing else is needed.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const place = await TestPlace.make();
      await use(place);
      await place.remove();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  beginning: ['scored', { option: true }],
  app: async ({ place, beginning, page }, use) => {
    await place.reset(beginning);
    const app = await App.start(place);
    await use(app);
    // Before the server, so that the page has nothing to complain about.
    await page.close();
    expect((await app.server.stop()).exitCode).toBe(0);
  },
  problems: [
    async ({ page }, use) => {
      const problems = new PageProblems(page);
      await use(problems);
      expect(problems.unexpected).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
