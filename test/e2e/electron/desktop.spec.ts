/** What the desktop app does with the system around it: menus, window, login, token, trash, dropped files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { menuActions } from '../../../src/shared/shell-commands.ts';
import { poolSongs, writeSongs } from '../support/song-pool.ts';
import { appCommand, launchApp, makeHome } from './launch-electron.ts';
import { TestApp } from './test-app.ts';

let home: string;
let removeHome: () => Promise<void>;
let running: TestApp[];

test.beforeEach(async () => {
  ({ home, remove: removeHome } = await makeHome());
  running = [];
});

test.afterEach(async () => {
  const info = test.info();
  for (const app of running) {
    if (info.status !== info.expectedStatus) await info.attach('main.log', { body: app.log() });
    await app.close();
  }
  await removeHome();
});

async function start(args: readonly string[] = []): Promise<TestApp> {
  const app = await TestApp.start({ home, args });
  running.push(app);
  return app;
}

test('menus tell the page what was chosen, and take no letter from whoever types', async () => {
  const app = await start();
  const entries = await app.electron.evaluate(({ Menu }) => {
    const found: { id: string; accelerator: string | null }[] = [];
    const walk = (menu: Electron.Menu) => {
      for (const { id, accelerator, submenu } of menu.items) {
        found.push({ id, accelerator: accelerator ?? null });
        if (submenu != null) walk(submenu);
      }
    };
    const menu = Menu.getApplicationMenu();
    if (menu !== null) walk(menu);
    return found;
  });
  expect(entries.map(({ id }) => id)).toEqual(expect.arrayContaining([...menuActions]));
  for (const { accelerator } of entries) expect(accelerator ?? 'Control+').toMatch(/Control|Command|^F11$/i);

  await app.electron.evaluate(({ Menu }) => {
    for (const id of ['cull', 'undo']) Menu.getApplicationMenu()?.getMenuItemById(id)?.click();
  });
  await app.waitForEvent('menu-chosen', (payload) => (payload as { action: string }).action === 'undo');
  const chosen = (await app.events()).filter(({ name }) => name === 'menu-chosen');
  expect(chosen.map(({ payload }) => payload)).toEqual([{ action: 'cull' }, { action: 'undo' }]);
});

test('the window comes back where it was, in the theme that was set', async () => {
  const app = await start();
  await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 1010, height: 700 });
  });
  await app.engine('change-settings', { theme: 'light' });
  await expect.poll(() => app.electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('light');
  await app.close();

  const again = await start();
  const seen = await again.electron.evaluate(({ BrowserWindow, nativeTheme }) => ({
    bounds: BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
    theme: nativeTheme.themeSource,
  }));
  expect(seen).toEqual({ bounds: { x: 40, y: 60, width: 1010, height: 700 }, theme: 'light' });
});

test('a token is never written in plain text', async () => {
  const app = await start();
  const token = 'hf_aSecretThatMustNotBeFoundOnDisk';
  const { keepsHubToken } = await app.shell('get-shell', {});
  await app.shell('keep-hub-token', { token });
  expect((await app.engine('get-hub-access', {})).tokenSource).toBe('app');
  await app.close();
  for (const file of filesBelow(home)) expect(readFileSync(file).includes(token), file).toBe(false);

  const again = await start();
  await expect
    .poll(async () => (await again.engine('get-hub-access', {})).tokenSource)
    .toBe(keepsHubToken ? 'app' : 'none');
  await again.shell('keep-hub-token', { token: null });
  expect((await again.engine('get-hub-access', {})).tokenSource).toBe('none');
});

test('started hidden, as at login, it works without a window until it is started again', async () => {
  const app = await start();
  expect(await app.shell('get-start-at-login', {})).toEqual({ isSupported: true, isOn: false });
  await app.shell('set-start-at-login', { isOn: true });
  if (process.platform === 'linux') {
    const entry = join(home, '.config', 'autostart', 'banger-scorer.desktop');
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=".*electron".* "--hidden"$/m);
  }
  expect(await app.shell('get-start-at-login', {})).toEqual({ isSupported: true, isOn: true });
  await app.close();
  running = [];

  const hidden = await launchApp({ home, args: ['--hidden'] });
  await expect
    .poll(() => [...app.log().matchAll(/The engine is running/g)].length, { timeout: 30_000 })
    .toBe(2);
  expect(hidden.windows()).toHaveLength(0);
  const opened = hidden.firstWindow();
  const { executablePath, args, env } = await appCommand({ home });
  spawn(executablePath, args, { env, cwd: home, stdio: 'ignore' });
  const page = await opened;
  expect(page.url()).toBe('app://bundle/');

  // Whoever wants it at login wants it to go on when the window closes.
  await page.close();
  await expect.poll(() => hidden.windows()).toHaveLength(0);
  expect(await hidden.evaluate(({ app }) => app.getName())).toBe('Banger Scorer');
  await hidden.close();
});

test('the page learns the path of a file that is given to it', async () => {
  const app = await start();
  await writeSongs(join(home, 'music'), poolSongs.slice(0, 1));
  const file = join(home, 'music', poolSongs[0]?.file ?? '');
  await app.page.evaluate(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'chosen' });
    document.body.append(input);
  });
  await app.page.locator('#chosen').setInputFiles(file);
  const paths = await app.page.evaluate(() => {
    const { bangerDesktop } = window as unknown as { bangerDesktop: { pathOfFile: (file: File) => string } };
    const chosen = document.querySelector<HTMLInputElement>('#chosen')?.files?.[0];
    return [chosen, new File(['made up'], '/etc/passwd')].map((given) =>
      given === undefined ? null : bangerDesktop.pathOfFile(given),
    );
  });
  expect(paths).toEqual([file, '']);
});

test('rejected songs go to the trash of the system and come back by undo', async () => {
  const app = await start();
  const folder = join(home, 'music');
  await writeSongs(folder, poolSongs.slice(0, 2));
  await app.engine('add-watched-folder', { path: folder });
  await expect
    .poll(async () => (await app.engine('list-songs', { limit: 0 })).scoredTotal, { timeout: 80_000 })
    .toBe(2);
  const [song] = (await app.engine('list-songs', {})).rows;
  if (song?.path == null) throw new Error('There is no song.');
  await app.engine('judge-songs', { songIds: [song.id], change: { verdict: 'reject' } });
  const { token, files } = await app.engine('plan-rejects', {});
  expect(files.map(({ path }) => path)).toContain(song.path);
  const report = await app.engine('trash-rejects', { token, callName: 'trash' });
  expect(report.files.map(({ outcome }) => outcome)).toEqual(files.map(() => 'trashed'));
  expect(existsSync(song.path)).toBe(false);
  if (!report.isUndoable) return;
  await app.engine('undo-change', {});
  expect(statSync(song.path).size).toBeGreaterThan(0);
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
