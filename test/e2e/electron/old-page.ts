/** Builds the page for the old Electron's browser, where that Electron is the one that the tests use. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findElectron } from './launch-electron.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Below the project's folder. */
export const oldPageFolder = join('out', 'renderer-chrome108');

export function buildOldPage(): void {
  execFileSync(
    process.execPath,
    [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, BANGER_PAGE_TARGET: 'chrome108', BANGER_PAGE_FOLDER: oldPageFolder },
    },
  );
}

/** Whether the tests of the window will run in the old Electron; false also where there is none at all. */
export function usesOldElectron(): boolean {
  try {
    return findElectron().isOld;
  } catch {
    // The tests of the window say so themselves.
    return false;
  }
}
