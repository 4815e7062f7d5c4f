/** Several processes on one library: opening, writing, dying and waiting at the same time. */
import fs from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { identityOf, storeSong, vectorFor, spaceOf, withLibrary } from '../../support/library-samples.ts';
import { LibraryProcess } from '../../support/library-process.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const children: LibraryProcess[] = [];

function start(...args: Parameters<typeof startProcess>): LibraryProcess {
  const child = startProcess(...args);
  children.push(child);
  return child;
}

function startProcess(task: string, ...rest: string[]): LibraryProcess {
  return new LibraryProcess([task, inFolder('library.sqlite'), ...rest]);
}

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

describe('two processes', () => {
  it('create one library together and lose none of 500 songs each', async () => {
    const [count, shared] = [500, 100];
    const writers = [
      start('store', 'one', String(count), String(shared)),
      start('store', 'two', String(count), String(shared)),
    ];
    for (const writer of writers) expect(await writer.message()).toBe('ready');
    for (const writer of writers) writer.send('go');
    for (const writer of writers) expect(await writer.message()).toBe('done');

    withLibrary(inFolder('library.sqlite'), (library) => {
      const songs = 2 * count - shared;
      expect(library.stats()).toMatchObject({
        songs,
        files: 2 * count,
        failedFiles: 0,
        embeddings: songs,
        scores: songs,
      });
      expect(library.findDamage()).toEqual([]);
      expect(library.encoders.all()).toHaveLength(1);
      for (let index = 0; index < count; index += 1) {
        const [one, two] = ['one', 'two'].map((prefix) =>
          library.files.byPath(`/music/${prefix}/${index}.mp3`),
        );
        expect(one?.song?.id === two?.song?.id).toBe(index < shared);
      }
    });
  });

  it('open a new library at the same moment', async () => {
    const openers = Array.from({ length: 4 }, () => start('open'));
    expect(await Promise.all(openers.map((opener) => opener.message()))).toEqual(Array(4).fill('done'));
  });
});

describe('three processes', () => {
  it('open and close one library again and again without meeting each other halfway', async () => {
    const count = 60;
    const churners = ['one', 'two', 'three'].map((prefix) => start('churn', prefix, String(count)));
    for (const churner of churners) expect(await churner.message()).toBe('done');
    withLibrary(inFolder('library.sqlite'), (library) => {
      expect(library.stats()).toMatchObject({ songs: 3 * count, files: 3 * count, scores: 3 * count });
      expect(library.findDamage()).toEqual([]);
    });
  });
});

describe('a writer that is killed', () => {
  it.each([40, 170])(
    'leaves a sound library with everything it had said was stored (%i songs)',
    async (after) => {
      const writer = start('burst');
      const acknowledged = () => writer.output.split('\n').slice(0, -1);
      await writer.until(() => acknowledged().length >= after);
      await writer.kill();

      withLibrary(inFolder('library.sqlite'), (library) => {
        expect(library.findDamage()).toEqual([]);
        const [encoder] = library.encoders.all();
        expect(acknowledged().length).toBeGreaterThanOrEqual(after);
        for (const line of acknowledged()) {
          const known = library.files.byPath(`/music/burst/${line}.mp3`);
          expect(library.songs.byIdentity(identityOf(`burst ${line}`).hash)?.id).toBe(known?.song?.id);
          const key = { ...spaceOf(encoder?.id ?? 0), songId: known?.song?.id ?? 0 };
          expect(library.embeddings.get(key)?.vector).toEqual(vectorFor(Number(line)));
        }
        const { songs, embeddings, scores } = library.stats();
        expect([embeddings, scores]).toEqual([songs, songs]);
      });
      expect(fs.readdirSync(inFolder())).toEqual(['library.sqlite']);
    },
  );
});

describe('a library that another process has locked', () => {
  it('says so after the waiting time, can be read meanwhile, and works again afterwards', async () => {
    const file = inFolder('library.sqlite');
    const library = openLibrary(file, { busyTimeoutMs: 200 });
    try {
      storeSong(library, 'first', '/music/first.mp3', 1);
      const holder = start('hold');
      expect(await holder.message()).toBe('locked');
      expect(() => storeSong(library, 'second', '/music/second.mp3', 2)).toThrow(
        expect.objectContaining({ code: 'library-busy', file }),
      );
      expect(library.stats().songs).toBe(1);
      // Another program may open it too, since nothing has to be written for that.
      withLibrary(file, (other) => {
        expect(other.stats().songs).toBe(1);
      });
      holder.send('release');
      expect(await holder.message()).toBe('done');
      storeSong(library, 'second', '/music/second.mp3', 2);
      expect(library.stats().songs).toBe(2);
    } finally {
      library.close();
    }
  });

  it('cannot be created while its new file is locked, and says so in bounded time', async () => {
    const file = inFolder('library.sqlite');
    const holder = start('hold');
    expect(await holder.message()).toBe('locked');
    expect(() => openLibrary(file, { busyTimeoutMs: 200 })).toThrow(
      expect.objectContaining({ code: 'library-busy' }),
    );
    holder.send('release');
    expect(await holder.message()).toBe('done');
    openLibrary(file, { busyTimeoutMs: 200 }).close();
  });
});

describe('two openings in one process', () => {
  /** The locks that this process holds on a file, as the kernel lists them. */
  function locksOn(file: string): string[] {
    const inode = fs.statSync(file).ino;
    return fs
      .readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .map((line) => line.replace(/^\d+: /, ''))
      .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${inode} `));
  }

  it.runIf(process.platform === 'linux')('do not take each other’s locks away', () => {
    const file = inFolder('library.sqlite');
    withLibrary(file, (first) => {
      storeSong(first, 'first', '/music/first.mp3', 1);
      const locks = locksOn(file);
      expect(locks).toHaveLength(1);
      openLibrary(file).close();
      openLibrary(file, { readOnly: true }).close();
      expect(locksOn(file)).toEqual(locks);
    });
  });
});
