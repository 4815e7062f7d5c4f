/** `npm start` where no window can be had: it says why, and the app opens in the browser. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { realSongFolder } from '../../support/real-songs.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test('without a screen, songs named on the command line are there in the browser', async ({ page }) => {
  test.skip(process.platform !== 'linux', 'Elsewhere there is always a screen.');
  const home = mkdtempSync(join(tmpdir(), 'banger-start-'));
  const child = spawn(process.execPath, [join(root, 'scripts', 'start.js'), join(realSongFolder, 'lose')], {
    cwd: home,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      HF_HUB_OFFLINE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [address] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    await expect
      .poll(() => stderr)
      .toContain('There is no screen here for a window. Opening the app in a browser instead.');
    await page.goto(address.trim());
    await expect(page.getByText('Chimes They Fade').first()).toBeVisible();
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
  expect(child.exitCode).toBe(0);
});
