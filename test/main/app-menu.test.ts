import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { appMenuTemplate } from '../../src/main/app-menu.ts';
import { menuActions } from '../../src/shared/shell-commands.ts';

const platforms = ['linux', 'darwin', 'win32'] as const;

function entriesOf(platform: NodeJS.Platform, choose: (action: string) => void = () => undefined) {
  const template = appMenuTemplate({ platform, isPackaged: true, choose, showLog: () => undefined });
  const walk = (entries: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    entries.flatMap((entry) => [entry, ...(Array.isArray(entry.submenu) ? walk(entry.submenu) : [])]);
  return walk(template);
}

test.each(platforms)('every action has one entry on %s, and choosing it tells its name', (platform) => {
  const chosen: string[] = [];
  const entries = entriesOf(platform, (action) => chosen.push(action)).filter(({ id }) => id !== undefined);
  expect(entries.map(({ id }) => id).sort()).toEqual([...menuActions].sort());
  for (const { click } of entries) click?.({} as never, undefined, {});
  expect(chosen.sort()).toEqual([...menuActions].sort());
});

test.each(platforms)('no key on %s is a letter alone, or given twice', (platform) => {
  const keys = entriesOf(platform).flatMap(({ accelerator }) =>
    typeof accelerator === 'string' ? [accelerator] : [],
  );
  for (const key of keys) expect(key).toMatch(/(^|\+)(CommandOrControl|Control)\+/);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a build for people has no tools of developers', () => {
  const roles = platforms.flatMap((platform) => entriesOf(platform).map(({ role }) => role));
  expect(roles).not.toContain('toggleDevTools');
  expect(roles).not.toContain('reload');
});
