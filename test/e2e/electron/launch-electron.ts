/** Starts the real app in a real Electron: npm's where its binary is there, else the old one that was prepared. */
import { accessSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication } from '@playwright/test';
import { ensureDisplay } from './virtual-screen.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The current Node that the project brings. */
export const projectNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

export interface TestElectron {
  executablePath: string;
  /** Whether it is the old one, which needs the page that was built for it and the entry that fills its gaps. */
  isOld: boolean;
}

export interface LaunchOptions {
  /** A folder that stands for the person's home: settings, library and caches lie below it. */
  home: string;
  /** Files and folders to open, or options such as `--hidden`. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** How to start the app, for tests that do so themselves. */
export interface AppCommand {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** @throws Error where there is no Electron: tests of the window fail then, they are never left out */
export function findElectron(): TestElectron {
  const named = process.env['BANGER_TEST_ELECTRON'];
  if (named !== undefined) {
    accessSync(named);
    return { executablePath: named, isOld: isPreparedElectron(named) };
  }
  const own = npmElectron();
  if (own !== null) return { executablePath: own, isOld: false };
  const prepared = join(root, 'node_modules', '.cache', 'banger-electron', 'electron');
  if (existsSync(prepared)) return { executablePath: prepared, isOld: true };
  throw new Error(
    'There is no Electron to test with. Let npm’s electron download its binary (node node_modules/electron/install.js), ' +
      'or prepare the old one: node scripts/prepare-electron.js',
  );
}

/** Starts the app; its first window is `await app.firstWindow()`. Whoever starts it closes it. */
export async function launchApp(options: LaunchOptions): Promise<ElectronApplication> {
  const { executablePath, args, env } = await appCommand(options);
  // Named by itself, the driver finds npm's and loads something before the app, so that it misses no window.
  const named = executablePath === npmElectron() ? {} : { executablePath };
  return _electron.launch({ ...named, args, env, cwd: options.home, timeout: 60_000 });
}

/** The command that starts the app, in an environment where nothing of the person at this machine is used. */
export async function appCommand({ home, args = [], env = {} }: LaunchOptions): Promise<AppCommand> {
  const { executablePath, isOld } = findElectron();
  const display = await ensureDisplay();
  return {
    executablePath,
    // Machines without a screen of their own seldom have the rights that the sandbox needs.
    args: ['--no-sandbox', '--disable-gpu', ...(isOld ? [] : [root]), ...args],
    env: {
      ...inherited(),
      ...(display !== undefined && { DISPLAY: display }),
      ...homeVariables(home),
      HF_HUB_OFFLINE: '1',
      ...(isOld && {
        BANGER_TEST_ENTRY: join(import.meta.dirname, 'old-electron', 'entry.cjs'),
        BANGER_PAGE_FOLDER: join(root, 'out', 'renderer-chrome108'),
      }),
      ...env,
    },
  };
}

/** A home for one test, and what removes it. */
export async function makeHome(): Promise<{ home: string; remove: () => Promise<void> }> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'banger-home-')));
  return { home, remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Where the platform keeps what apps remember, below a home. */
export function configFolder(home: string): string {
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  return process.platform === 'win32' ? join(home, 'AppData', 'Roaming') : join(home, '.config');
}

function inherited(): Record<string, string> {
  const names = ['PATH', 'XAUTHORITY', 'LANG', 'SystemRoot', 'TEMP', 'TMP', 'ProgramFiles', 'FFMPEG_PATH'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function homeVariables(home: string): Record<string, string> {
  return {
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_RUNTIME_DIR: join(home, '.run'),
    // A bus of the machine would lead to a key ring and to notifications of others.
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
  };
}

/** npm's package names its program in `path.txt` once it has been downloaded; loading it would download it. */
function npmElectron(): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const program = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(program) ? program : null;
}

function isPreparedElectron(executablePath: string): boolean {
  return existsSync(join(executablePath, '..', 'resources', 'app', 'index.cjs'));
}
