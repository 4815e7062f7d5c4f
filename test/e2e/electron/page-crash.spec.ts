/**
 * The page's process ends under the real app. Playwright holds back a page that comes after a crash, so the test
 * speaks to the browser's own debugging port, and only while it has something to say.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { DebuggedPage } from './debugged-page.ts';
import { freePort } from './free-port.ts';
import { appCommand, configFolder, makeHome } from './launch-electron.ts';

test('a page whose process ends is loaded anew; a signal then ends the app in order', async () => {
  const { home, remove } = await makeHome();
  const port = await freePort();
  const { executablePath, args, env } = await appCommand({ home, args: [`--remote-debugging-port=${port}`] });
  const app = spawn(executablePath, args, { env, cwd: home, stdio: 'ignore' });
  const exited = new Promise<number | null>((resolve) => app.once('exit', resolve));
  const log = () => readFileSync(join(configFolder(home), 'Banger Scorer', 'logs', 'main.log'), 'utf8');
  const page = new DebuggedPage(port);
  try {
    await expect.poll(() => page.isThere(), { timeout: 30_000 }).toBe(true);
    await expect.poll(log, { timeout: 30_000 }).toContain('The engine is running');
    // The page that is told to end cannot answer any more.
    await page.command('Page.crash', {}).catch(() => undefined);
    await expect.poll(log).toContain('The page’s process ended');
    await expect.poll(() => page.isThere(), { timeout: 30_000 }).toBe(true);

    if (process.platform === 'win32') return;
    app.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(log()).toMatch(/engine ended with code 0[^]*The app ends/);
  } finally {
    app.kill('SIGKILL');
    await exited;
    await remove();
  }
});
