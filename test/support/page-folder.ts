/** A small built page, as Vite lays one out: the page, hashed files beside it, and things that are not for everybody. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const pageScript = '/assets/index-DfGh12_-.js';

/** Makes the folder with the page in it, and a link out of it to `outside`. */
export function makePageFolder(folder: string, outside?: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><html><head><title>The page</title><script type="module" src=".${pageScript}"></script></head><body></body></html>`,
  );
  writeFileSync(join(folder, pageScript), 'document.title = "The page runs";');
  writeFileSync(join(folder, 'assets', 'index-abcd1234.css'), 'body { margin: 0 }');
  writeFileSync(join(folder, 'assets', 'inter.woff2'), 'font');
  writeFileSync(join(folder, 'a name with spaces & ünïcode.txt'), 'text');
  if (outside !== undefined) symlinkSync(outside, join(folder, 'outside'));
}
