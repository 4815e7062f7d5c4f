/**
 * Builds what runs without the sources: `dist/` (engine, server and command, by the TypeScript compiler) and `out/`
 * (shell, preload and page, by electron-vite). With `--chrome108` the page is built for that old browser too.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** @param {string} program @param {string[]} parameters */
function run(program, ...parameters) {
  execFileSync(process.execPath, [join(root, 'node_modules', program), ...parameters], {
    cwd: root,
    stdio: 'inherit',
  });
}

for (const folder of ['dist', 'out']) rmSync(join(root, folder), { recursive: true, force: true });
run('typescript/bin/tsc', '-p', 'tsconfig.build.json');
run('electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn');
