/** A library is checked in a thread of its own: the same findings, while everybody else goes on. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDamageAside, verifyLibraryAside } from '../../../src/engine/library/care-aside.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { verifyLibrary } from '../../../src/engine/library/verify-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { storeSong } from '../../support/library-samples.ts';

const inFolder = useFreshFolder();
const file = () => inFolder('library.sqlite');
let library: Library;

beforeEach(() => {
  library = openLibrary(file());
  writeFileSync(inFolder('a.mp3'), 'a song');
  storeSong(library, 'a', inFolder('a.mp3'), 1);
  storeSong(library, 'b', inFolder('gone.mp3'), 2);
});
afterEach(() => {
  library.close();
});

test('finds what the check finds here, while the library is open', async () => {
  expect(await findDamageAside(file())).toEqual([]);
  const found = await verifyLibraryAside(file(), { repairs: false });
  expect(found).toEqual(await verifyLibrary(library));
  expect(found.findings.map(({ kind }) => kind)).toContain('vanished');
  expect(library.stats().missingFiles).toBe(0);
});

test('repairs are seen here', async () => {
  await verifyLibraryAside(file(), { repairs: true });
  expect(library.stats().missingFiles).toBe(1);
});

test('a turn of this thread comes meanwhile', async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await findDamageAside(file());
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('errors keep their code, and a cancel ends it', async () => {
  await expect(findDamageAside(inFolder('none.sqlite'))).rejects.toMatchObject({ code: 'file-missing' });
  const ended = new AbortController();
  const checking = findDamageAside(file(), ended.signal);
  ended.abort();
  await expect(checking).rejects.toMatchObject({ code: 'cancelled' });
  await expect(findDamageAside(file(), ended.signal)).rejects.toMatchObject({ code: 'cancelled' });
});
