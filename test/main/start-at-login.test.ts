import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { autostartEntry } from '../../src/main/autostart-entry.ts';
import { StartAtLogin } from '../../src/main/start-at-login.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();

test('on Linux an autostart entry comes and goes', () => {
  const appData = inFolder();
  const app = {
    getPath: () => appData,
    getLoginItemSettings: () => expect.unreachable(),
    setLoginItemSettings: () => expect.unreachable(),
  };
  const atLogin = new StartAtLogin({ app, platform: 'linux', command: ['/opt/Banger Scorer/banger-scorer'] });
  const file = join(appData, 'autostart', 'banger-scorer.desktop');
  expect(atLogin.isSupported).toBe(true);
  expect(atLogin.isOn).toBe(false);
  atLogin.set(true);
  expect(atLogin.isOn).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('Exec="/opt/Banger Scorer/banger-scorer" "--hidden"\n');
  atLogin.set(false);
  expect(atLogin.isOn).toBe(false);
  expect(existsSync(file)).toBe(false);
  atLogin.set(false);
});

test('elsewhere the system keeps it, with the same command', () => {
  const set: unknown[] = [];
  const app = {
    getPath: () => expect.unreachable(),
    getLoginItemSettings: (options: unknown) => {
      set.push(options);
      return { openAtLogin: true } as Electron.LoginItemSettings;
    },
    setLoginItemSettings: (settings: unknown) => set.push(settings),
  };
  const atLogin = new StartAtLogin({ app, platform: 'win32', command: ['C:\\banger.exe'] });
  atLogin.set(true);
  expect(atLogin.isOn).toBe(true);
  expect(set).toEqual([
    { path: 'C:\\banger.exe', args: ['--hidden'], openAtLogin: true },
    { path: 'C:\\banger.exe', args: ['--hidden'] },
  ]);
});

test('whatever a path holds, the entry names the same program', () => {
  for (const path of ['/a b/c', '/a"b', '/a\\b', '/a$HOME', '/a`id`', '/a%20b', '/ä/音']) {
    expect(readBack(autostartEntry('Banger', [path, '--hidden']))).toEqual([path, '--hidden']);
  }
});

/** Undoes the two layers of the specification: the string's escapes, then the command's quotes, by a real shell. */
function readBack(entry: string): string[] {
  const value = /^Exec=(.*)$/m.exec(entry)?.[1] ?? '';
  const command = value.replaceAll('\\\\', '\\').replaceAll('%%', '%');
  const script = inFolder('print.sh');
  writeFileSync(script, `printf '%s\\0' ${command}`);
  return execFileSync('sh', [script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
