/** Fingerprints of weight files: right, remembered while nothing changed, and never stale. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  linkSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

import { describe, expect, it } from 'vitest';

import { fingerprintFiles } from '../../../src/engine/models/checkpoint-fingerprint.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const longAgo = new Date('2020-01-01');

/** A file that has been lying there for long, as weights do. */
function writeOld(name: string, content: string): string {
  const path = inFolder(name);
  writeFileSync(path, content);
  utimesSync(path, longAgo, longAgo);
  return path;
}

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

async function fingerprint(...files: string[]): Promise<string[]> {
  const found = await fingerprintFiles(files, { indexPath: inFolder('index.json') });
  return found.map((file) => file.sha256);
}

/** Replaces every remembered hash, so that a remembered answer can be told from a computed one. */
function markRemembered(): string {
  const mark = 'f'.repeat(64);
  const path = inFolder('index.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"sha256": *"\w+"/g, `"sha256":"${mark}"`));
  return mark;
}

describe('fingerprints', () => {
  it('are the SHA-256 and size of each file, in the order asked for', async () => {
    const a = writeOld('a', 'hello');
    const b = writeOld('b', '');
    const found = await fingerprintFiles([b, a], { indexPath: inFolder('index.json') });
    expect(found).toEqual([
      { file: b, sha256: sha256(''), sizeBytes: 0 },
      { file: a, sha256: sha256('hello'), sizeBytes: 5 },
    ]);
  });

  it('of files larger than one read come with steady progress', async () => {
    const path = writeOld('large', 'x'.repeat(3_000_000));
    const steps: number[] = [];
    const [found] = await fingerprintFiles([path], {
      indexPath: inFolder('index.json'),
      onProgress: ({ bytesDone, bytesTotal }) => steps.push(bytesDone / bytesTotal),
    });
    expect(found?.sha256).toBe(sha256('x'.repeat(3_000_000)));
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(1);
  });

  it('are remembered by real path while the file is the same', async () => {
    const path = writeOld('weights', 'hello');
    symlinkSync(path, inFolder('link'));
    expect(await fingerprint(path)).toEqual([sha256('hello')]);
    const mark = markRemembered();
    expect(await fingerprint(path, inFolder('link'))).toEqual([mark, mark]);
    expect(readdirSync(inFolder()).sort()).toEqual(['index.json', 'link', 'weights']);
  });

  it.each<[string, (path: string) => void]>([
    [
      'grew',
      (path) => {
        appendFileSync(path, 'o');
      },
    ],
    [
      'was rewritten at the same size',
      (path) => {
        writeFileSync(path, 'HELLO');
      },
    ],
    [
      'was rewritten and its time set back',
      (path) => {
        writeFileSync(path, 'HELLO');
        utimesSync(path, longAgo, longAgo);
      },
    ],
    [
      'was replaced by another of the same size and time',
      (path) => {
        renameSync(writeOld('other', 'HELLO'), path);
      },
    ],
  ])('are taken again when the file %s', async (_, change) => {
    const path = writeOld('weights', 'hello');
    await fingerprint(path);
    markRemembered();
    change(path);
    expect(await fingerprint(path)).toEqual([sha256(readFileSync(path, 'utf8'))]);
  });

  it('are not remembered of a file that was written just now, whose time may not change with it', async () => {
    const path = inFolder('weights');
    writeFileSync(path, 'hello');
    expect(await fingerprint(path)).toEqual([sha256('hello')]);
    expect(existsSync(inFolder('index.json'))).toBe(false);
  });

  it('keep what was remembered of other files', async () => {
    const a = writeOld('a', 'a');
    const b = writeOld('b', 'b');
    await fingerprint(a);
    const mark = markRemembered();
    await fingerprint(b);
    expect(await fingerprint(a, b)).toEqual([mark, sha256('b')]);
  });
});

describe('a broken index', () => {
  it.each([
    '',
    'no json',
    '[]',
    '{"version":2,"files":[]}',
    '{"version":1,"files":[{"file":7}]}',
    '{"__proto__":{}}',
  ])('(%j) is written anew', async (content) => {
    const path = writeOld('weights', 'hello');
    writeFileSync(inFolder('index.json'), content);
    expect(await fingerprint(path)).toEqual([sha256('hello')]);
    const mark = markRemembered();
    expect(await fingerprint(path)).toEqual([mark]);
  });

  it('with a hash that is none is not believed', async () => {
    const path = writeOld('weights', 'hello');
    await fingerprint(path);
    const index = inFolder('index.json');
    writeFileSync(index, readFileSync(index, 'utf8').replace(sha256('hello'), 'short'));
    expect(await fingerprint(path)).toEqual([sha256('hello')]);
  });
});

describe('errors', () => {
  const indexPath = () => inFolder('index.json');

  it('say that a file is missing', async () => {
    const path = inFolder('nothing');
    await expect(fingerprintFiles([path], { indexPath: indexPath() })).rejects.toMatchObject({
      code: 'model-missing',
      file: path,
    });
  });

  it('say that the owner cancelled, and remember nothing', async () => {
    const path = writeOld('large', 'x'.repeat(3_000_000));
    const controller = new AbortController();
    const pending = fingerprintFiles([path], {
      indexPath: indexPath(),
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(indexPath())).toBe(false);
  });

  it('say that the file changed while it was read', async () => {
    const path = writeOld('large', 'x'.repeat(3_000_000));
    const pending = fingerprintFiles([path], {
      indexPath: indexPath(),
      onProgress: () => {
        appendFileSync(path, 'y');
      },
    });
    await expect(pending).rejects.toMatchObject({ code: 'checkpoint-changed', file: path });
  });

  it('say that the index cannot be kept', async () => {
    const path = writeOld('weights', 'hello');
    const pending = fingerprintFiles([path], { indexPath: inFolder('missing', 'index.json') });
    await expect(pending).resolves.toHaveLength(1);
    await expect(
      fingerprintFiles([writeOld('more', 'x')], { indexPath: `${path}/index.json` }),
    ).rejects.toMatchObject({ code: 'file-unwritable' });
  });
});

it('takes a second name of the same file for another file', async () => {
  const path = writeOld('weights', 'hello');
  linkSync(path, inFolder('again'));
  expect(statSync(path).ino).toBe(statSync(inFolder('again')).ino);
  expect(await fingerprint(path, inFolder('again'))).toEqual([sha256('hello'), sha256('hello')]);
});
