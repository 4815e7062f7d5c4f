/** The running app as tests see it: its page with lines to engine and shell, its log and its processes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { configFolder, launchApp, type LaunchOptions } from './launch-electron.ts';
import { PageLines } from './page-lines.ts';

export class TestApp extends PageLines {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly home: string;

  private constructor(electron: ElectronApplication, page: Page, home: string) {
    super({ evaluate: (work, argument) => page.evaluate(work as never, argument) });
    this.page = page;
    this.electron = electron;
    this.home = home;
  }

  /** Starts the app and waits until its page can call the engine. */
  static async start(options: LaunchOptions): Promise<TestApp> {
    const app = await TestApp.startWithoutEngine(options);
    await app.waitForEngine();
    return app;
  }

  /** Starts the app and waits until its page can call the shell. */
  static async startWithoutEngine(options: LaunchOptions): Promise<TestApp> {
    const electron = await launchApp(options);
    const app = new TestApp(electron, await electron.firstWindow(), options.home);
    await app.page.waitForLoadState();
    await app.openLines();
    return app;
  }

  get logFile(): string {
    return join(configFolder(this.home), 'Banger Scorer', 'logs', 'main.log');
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** Ids of all processes of this kind that the app started, oldest first. */
  processIds(kind: 'engine' | 'inference'): number[] {
    return [...this.log().matchAll(new RegExp(`${kind} runs as process (\\d+)`, 'g'))].map((match) =>
      Number(match[1]),
    );
  }

  close(): Promise<void> {
    return this.electron.close();
  }
}
