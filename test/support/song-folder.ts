/** A folder for the songs that one test file makes, removed when its tests are done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/** Call it at the top of a test file; the function returned gives a path inside the folder. */
export function useSongFolder(): (...names: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'banger-songs-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (...names) => join(folder, ...names);
}
