/** Before all end-to-end tests: real songs must be there, and what is tested must be built from the sources at hand. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { buildOldPage, oldPageFolder, usesOldElectron } from '../electron/old-page.ts';
import { hasRealSongs } from '../../support/real-songs.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
/** What the page and the shell are built from. */
const sources = ['src', 'electron.vite.config.ts', 'svelte.config.js', 'tsconfig.build.json'];
const built = ['out/renderer/index.html', 'out/main/index.cjs', 'dist/cli/banger.js'];

export default function globalSetup(): void {
  if (!hasRealSongs()) throw new Error('The end-to-end tests play real songs.');
  const newestSource = Math.max(...sources.map((source) => newestIn(path.join(root, source))));
  const isOld = usesOldElectron();
  const wanted = isOld ? [...built, path.join(oldPageFolder, 'index.html')] : built;
  const oldestBuild = Math.min(...wanted.map((file) => newestIn(path.join(root, file))));
  if (oldestBuild >= newestSource) return;
  process.stdout.write('Building what is tested…\n');
  execFileSync(process.execPath, [path.join(root, 'scripts', 'build.js')], { cwd: root, stdio: 'inherit' });
  if (isOld) buildOldPage();
}

/** When the newest file in a folder was changed, in milliseconds; 0 where there is nothing. */
function newestIn(place: string): number {
  const facts = statSync(place, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newestIn(path.join(place, name))));
}
