/** An empty folder for every single test, removed after it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/**
 * Registers the hooks that make and remove the folder.
 *
 * @returns gives a path inside the running test's folder, or the folder itself
 */
export function useFreshFolder(): (...segments: string[]) => string {
  let folder = '';
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'banger-test-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return (...segments) => path.join(folder, ...segments);
}
