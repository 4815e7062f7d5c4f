/** What the desktop shows and does for songs: progress, notification, drag-out, reveal and the system's dialogs. */
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type electron from 'electron';
import { poolSongs, writeSongs } from '../support/song-pool.ts';
import { makeHome } from './launch-electron.ts';
import { TestApp } from './test-app.ts';

type ElectronModule = typeof electron;

/** What `recordDesktop` keeps in main. */
interface Desktop {
  progress: number[];
  notifications: string[];
  dragged: { file: string; files: string[]; hasIcon: boolean }[];
  revealed: string[];
  dialogs: Electron.OpenDialogOptions[];
  click: () => void;
}

declare global {
  // A global can only be declared so.
  var testDesktop: Desktop;
}

let app: TestApp;
let home: string;
let removeHome: () => Promise<void>;

test.beforeEach(async () => {
  ({ home, remove: removeHome } = await makeHome());
  app = await TestApp.start({ home });
  await app.electron.evaluate(recordDesktop, join(home, 'chosen'));
});

test.afterEach(async () => {
  const info = test.info();
  if (info.status !== info.expectedStatus) await info.attach('main.log', { body: app.log() });
  await app.close();
  await removeHome();
});

test('work shows on the taskbar, and its end is told to whoever looks elsewhere', async () => {
  await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.hide();
  });
  await scoreSongs(2);
  await expect.poll(async () => (await desktop()).notifications).toEqual(['2 new songs are scored']);
  const { progress } = await desktop();
  expect(progress.filter((part) => part >= 0).length).toBeGreaterThan(0);
  expect(Math.max(...progress)).toBeLessThanOrEqual(1);
  expect(progress.at(-1)).toBe(-1);

  await app.electron.evaluate(() => {
    globalThis.testDesktop.click();
  });
  const isVisible = () =>
    app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false);
  await expect.poll(isVisible).toBe(true);

  await app.engine('change-settings', { notifiesWhenDone: false });
  await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.hide();
  });
  await scoreSongs(3);
  await expect.poll(async () => (await desktop()).progress.at(-1)).toBe(-1);
  expect((await desktop()).notifications).toHaveLength(1);
});

test('songs are dragged out by their files, and shown in their folder', async () => {
  await scoreSongs(2);
  const { rows } = await app.engine('list-songs', {});
  const paths = rows.map(({ path }) => path ?? '');
  await app.shell('start-drag', { songIds: rows.map(({ id }) => id) });
  const [dragged] = (await desktop()).dragged;
  expect(dragged?.files.toSorted()).toEqual(paths.toSorted());
  expect(dragged).toMatchObject({ file: dragged?.files[0], hasIcon: true });

  await app.shell('reveal-file', { path: paths[0] ?? '' });
  expect((await desktop()).revealed).toEqual([paths[0]]);
  // A folder that is watched no longer still holds songs of the library.
  await app.engine('remove-watched-folder', { path: join(home, 'music') });
  await app.shell('reveal-file', { path: paths[1] ?? '' });
  expect((await desktop()).revealed).toEqual(paths.slice(0, 2));
});

test('what is chosen in the system’s dialogs reaches the page', async () => {
  expect(await app.shell('choose-folders', { title: 'Add folders', isMultiple: true })).toEqual([
    join(home, 'chosen'),
  ]);
  expect(await app.shell('choose-model', { kind: 'head' })).toBe(join(home, 'chosen'));
  expect(await app.shell('choose-save-file', { suggestedName: 'best.m3u8', extension: 'm3u8' })).toBe(
    join(home, 'chosen', 'best.m3u8'),
  );
  const [folders, head] = (await desktop()).dialogs;
  expect(folders).toMatchObject({ title: 'Add folders' });
  expect(folders?.properties).toEqual(expect.arrayContaining(['openDirectory', 'multiSelections']));
  expect(head?.properties).toEqual(['openFile']);
});

/** Puts songs into the watched folder and waits until they are scored. */
async function scoreSongs(count: number): Promise<void> {
  await writeSongs(join(home, 'music'), poolSongs.slice(0, count));
  await app.engine('add-watched-folder', { path: join(home, 'music') });
  await expect
    .poll(async () => (await app.engine('list-songs', { limit: 0 })).scoredTotal, { timeout: 80_000 })
    .toBe(count);
}

async function desktop(): Promise<Omit<Desktop, 'click'>> {
  return app.electron.evaluate(() => {
    const { progress, notifications, dragged, revealed, dialogs } = globalThis.testDesktop;
    return { progress, notifications, dragged, revealed, dialogs };
  });
}

/** Runs in main: what would go to the desktop is kept, as there is none here that could show it. */
function recordDesktop({ BrowserWindow, Notification, dialog, shell }: ElectronModule, chosen: string): void {
  const kept: Desktop = {
    progress: [],
    notifications: [],
    dragged: [],
    revealed: [],
    dialogs: [],
    click: () => undefined,
  };
  globalThis.testDesktop = kept;
  BrowserWindow.prototype.setProgressBar = (part) => {
    kept.progress.push(part);
  };
  Notification.isSupported = () => true;
  Notification.prototype.show = function (this: Electron.Notification) {
    kept.notifications.push(this.title);
    kept.click = () => this.emit('click');
  };
  const [window] = BrowserWindow.getAllWindows();
  if (window !== undefined) {
    window.webContents.startDrag = ({ file, files, icon }) => {
      kept.dragged.push({ file, files: files ?? [], hasIcon: typeof icon !== 'string' && !icon.isEmpty() });
    };
  }
  shell.showItemInFolder = (path) => {
    kept.revealed.push(path);
  };
  dialog.showOpenDialog = (...given: unknown[]) => {
    kept.dialogs.push(given.at(-1) as Electron.OpenDialogOptions);
    return Promise.resolve({ canceled: false, filePaths: [chosen] });
  };
  dialog.showSaveDialog = (...given: unknown[]) => {
    const { defaultPath = '' } = given.at(-1) as Electron.SaveDialogOptions;
    return Promise.resolve({ canceled: false, filePath: `${chosen}/${defaultPath}` });
  };
}
