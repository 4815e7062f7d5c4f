/** What a page may see of the served machine's disk, with real folders, links and odd paths. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { AllowedFolders } from '../../src/server/allowed-folders.ts';
import { usualFolder } from '../../src/server/music-folder.ts';
import { hasErrorCode } from '../../src/shared/errors.ts';
import { asUnprivileged } from '../support/as-unprivileged.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();
let folders: AllowedFolders;
let roots: string[];

beforeEach(() => {
  for (const folder of [
    'music/night 2',
    'music/night 10',
    'music/.hidden/deep',
    'music/_rejected',
    'private/deep',
  ]) {
    mkdirSync(inFolder(...folder.split('/')), { recursive: true });
  }
  for (const file of [
    'music/a.wav',
    'music/b.MP3',
    'music/notes.txt',
    'music/.c.wav',
    'music/d.wav.part',
    'private/secret.wav',
  ]) {
    writeFileSync(inFolder(...file.split('/')), '');
  }
  mkdirSync(inFolder('music-of-others'));
  symlinkSync(inFolder('private'), inFolder('music', 'way out'));
  symlinkSync(inFolder('music', 'night 2'), inFolder('music', 'way in'));
  symlinkSync(inFolder('nowhere'), inFolder('music', 'way to nowhere'));
  symlinkSync(inFolder('music', 'loop'), inFolder('music', 'loop'));
  symlinkSync(inFolder('private', 'secret.wav'), inFolder('music', 'song.wav'));
  roots = [inFolder('music')];
  folders = new AllowedFolders(() => Promise.resolve(roots));
});

async function isAllowed(path: string): Promise<boolean> {
  try {
    await folders.require(path);
    return true;
  } catch (thrown) {
    expect(hasErrorCode(thrown, 'file-unreadable')).toBe(true);
    return false;
  }
}

describe('a listing', () => {
  test('begins with the allowed folders', async () => {
    roots = [
      inFolder('music'),
      inFolder('music-of-others'),
      inFolder('music', 'night 2'),
      inFolder('nowhere'),
    ];
    const { path, parent, folders: shown, songCount } = await folders.list(null);
    expect([path, parent, songCount]).toEqual([null, null, 0]);
    expect(shown.map((folder) => folder.path)).toEqual([inFolder('music'), inFolder('music-of-others')]);
  });

  test('has folders in the order people count, and counts songs; hidden ones and ways out are not there', async () => {
    expect(await folders.list(inFolder('music'))).toEqual({
      path: inFolder('music'),
      parent: null,
      folders: ['night 2', 'night 10', 'way in'].map((name) => ({ name, path: inFolder('music', name) })),
      songCount: 2,
    });
    expect((await folders.list(inFolder('music', 'night 2'))).parent).toBe(inFolder('music'));
  });

  test.each([
    '/', '/etc', '..', '', '\0', 'music/way out', 'music/way out/deep', 'music/.hidden', 'music/.hidden/deep',
    'private', 'music-of-others', 'music/../private', 'music/night 2/../../private', 'nowhere', 'music/nowhere', 'music/loop',
    'music/a.wav', '\\\\server\\share', 'file:///etc', '~',
  ])('of %s is refused', async (path) => {
    const asked = path.startsWith('music') || path === 'private' ? inFolder(path) : path;
    await expect(folders.list(asked)).rejects.toMatchObject({ code: 'file-unreadable' });
  }); // prettier-ignore

  test('of a folder that may not be read says so', async () => {
    chmodSync(inFolder(), 0o755);
    chmodSync(inFolder('music', 'night 2'), 0);
    await asUnprivileged(async () => {
      await expect(folders.list(inFolder('music', 'night 2'))).rejects.toMatchObject({
        code: 'file-unreadable',
        message: 'This folder cannot be read.',
      });
    });
  });
});

describe('a place to write to', () => {
  test.each(['best.m3u8', 'new/folder/best.m3u8', 'night 2/best.m3u8', 'way in/best.m3u8', '..music/x'])(
    '%s: below an allowed folder, there or not',
    async (path) => {
      // A name that only begins with dots is hidden, all others are fine.
      expect(await isAllowed(inFolder('music', path))).toBe(!path.startsWith('.'));
    },
  );

  test.each([
    'way out/best.m3u8',
    'way out/new/best.m3u8',
    '.bashrc',
    'night 2/.git/config',
    '../best.m3u8',
    'song.wav',
    'loop/x',
  ])('%s: by a link, a hidden name or upwards', async (path) => {
    expect(await isAllowed(inFolder('music', path))).toBe(false);
  });

  test('a link to where nothing is yet leads there too', async () => {
    expect(await isAllowed(inFolder('music', 'way to nowhere'))).toBe(false);
    expect(await isAllowed(inFolder('music', 'way to nowhere', 'best.m3u8'))).toBe(false);
  });

  test('an allowed folder may itself be a link, and be named by either name', async () => {
    symlinkSync(inFolder('music'), inFolder('shortcut'));
    roots = [inFolder('shortcut')];
    expect(await isAllowed(inFolder('shortcut', 'best.m3u8'))).toBe(true);
    expect(await isAllowed(inFolder('music', 'best.m3u8'))).toBe(true);
    expect(await isAllowed(inFolder('private', 'best.m3u8'))).toBe(false);
  });

  test('an allowed folder that is gone allows nothing', async () => {
    rmSync(inFolder('music'), { recursive: true });
    expect(await isAllowed(inFolder('music', 'best.m3u8'))).toBe(false);
    expect((await folders.list(null)).folders).toEqual([]);
  });
});

test('whatever path is put together, nothing of the private folder is allowed', async () => {
  const piece = fc.constantFrom(
    'private',
    'way out',
    'way in',
    'night 2',
    '..',
    '.',
    '',
    'deep',
    'secret.wav',
    '.hidden',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const path = `${inFolder()}/${pieces.join('/')}`;
      const isFine = await isAllowed(path);
      if (!isFine) return;
      const { path: listed, folders: inner } = await folders
        .list(path)
        .catch(() => ({ path: '', folders: [] }));
      for (const shown of [listed ?? '', ...inner.map((folder) => folder.path)])
        expect(shown).not.toContain('private');
      expect(join(path, '.')).not.toContain(inFolder('private'));
    }),
    { numRuns: 500 },
  );
});

describe('where nothing was said', () => {
  test('an account whose home is the whole disk shows none of it', async () => {
    expect(await usualFolder('/')).toBeNull();
  });

  test('the music folder is taken, also by its name in the person’s language, else the home', async () => {
    expect(await usualFolder(inFolder())).toBe(inFolder());
    mkdirSync(inFolder('Music'));
    expect(await usualFolder(inFolder())).toBe(inFolder('Music'));
    mkdirSync(inFolder('.config'));
    writeFileSync(
      inFolder('.config', 'user-dirs.dirs'),
      'XDG_DESKTOP_DIR="$HOME/x"\nXDG_MUSIC_DIR="$HOME/Musique"\n',
    );
    expect(await usualFolder(inFolder())).toBe(inFolder('Music'));
    mkdirSync(inFolder('Musique'));
    expect(await usualFolder(inFolder())).toBe(inFolder('Musique'));
  });
});
