/**
 * Packs the app as a Linux folder with `electron-builder.yml` and the Electron at hand, without any download. For the
 * old Electron three things differ: the entry that fills its gaps is started first, the page is the one that was built
 * for its browser, and the engine's files lie beside the archive, as the Node that runs them there cannot read it.
 */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { findElectron, type TestElectron } from './launch-electron.ts';
import { oldPageFolder } from './old-page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');

export interface PackedApp {
  /** The app's program. */
  executablePath: string;
  resources: string;
  isOld: boolean;
}

/** @param folder for what is packed; it is made anew */
export async function packApp(folder: string): Promise<PackedApp> {
  const electron = findElectron();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const settingsFile = join(folder, 'electron-builder.json');
  const settings = {
    extends: join(root, 'electron-builder.yml'),
    directories: { output: join(folder, 'release') },
    ...(electron.isOld
      ? await oldSettings(electron, folder)
      : { electronDist: dirname(electron.executablePath) }),
  };
  await writeFile(settingsFile, JSON.stringify(settings));
  const options = ['--linux', 'dir', '--publish', 'never', '--config', settingsFile];
  await execa(process.execPath, [builder, ...options], { cwd: root, all: true });
  const app = join(folder, 'release', 'linux-unpacked');
  return {
    executablePath: join(app, 'banger-scorer'),
    resources: join(app, 'resources'),
    isOld: electron.isOld,
  };
}

async function oldSettings({ executablePath }: TestElectron, folder: string): Promise<object> {
  const dist = join(folder, 'electron');
  await cp(dirname(executablePath), dist, { recursive: true });
  // The door for tests: a packed app is loaded from its archive alone.
  await rm(join(dist, 'resources', 'app'), { recursive: true });
  return {
    electronDist: dist,
    electronVersion: '22.3.25',
    extraMetadata: { main: 'test/e2e/electron/old-electron/entry.cjs' },
    files: [
      'test/e2e/electron/old-electron/**',
      '!out/renderer/**',
      { from: oldPageFolder, to: 'out/renderer' },
    ],
    asarUnpack: ['package.json', 'dist/**', 'node_modules/**', 'test/**'],
  };
}
