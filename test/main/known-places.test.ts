import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineHost } from '../../src/engine/engine-host.ts';
import { isBelowOne, KnownPlaces } from '../../src/main/known-places.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();

test('what the library or the person knows is shown, everything else is refused', async () => {
  const [watched, chosen, other] = ['watched', 'chosen', 'other'].map((name) => inFolder(name));
  if (watched === undefined || chosen === undefined || other === undefined) throw new Error('never');
  for (const folder of [watched, chosen, other]) {
    mkdirSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep', 'song.wav'), '');
  }
  const host = await EngineHost.open({
    folders: {
      libraryFile: inFolder('data', 'library.sqlite'),
      modelsFolder: inFolder('data', 'models'),
      cacheFolder: inFolder('cache'),
    },
  });
  try {
    await host.call('add-watched-folder', { path: watched, ignorePatterns: [] });
    const places = new KnownPlaces({ call: (name, request) => host.call(name, request) });
    places.add([chosen]);
    for (const known of [
      watched,
      join(watched, 'deep', 'song.wav'),
      join(chosen, 'deep'),
      inFolder('data'),
    ]) {
      expect(await places.require(known)).toBe(known);
    }
    const refused = [
      join(other, 'deep', 'song.wav'),
      join(watched, '..', 'other', 'deep', 'song.wav'),
      `${watched}-2`,
      inFolder(),
      '/etc/passwd',
      'watched/deep/song.wav',
      '\\\\server\\share\\song.wav',
      'https://example.org/',
    ];
    for (const path of refused) {
      await expect(places.require(path), path).rejects.toMatchObject({ code: 'usage' });
    }
    await expect(places.require(join(watched, 'gone.wav'))).rejects.toMatchObject({ code: 'file-missing' });
    symlinkSync(join(watched, 'nowhere'), join(watched, 'broken'));
    await expect(places.require(join(watched, 'broken'))).rejects.toMatchObject({ code: 'file-missing' });
  } finally {
    await host.close();
  }
});

test.each([
  ['/music', true],
  ['/music/a/b.wav', true],
  ['/music/..b.wav', true],
  ['/music/../b.wav', false],
  ['/musical/b.wav', false],
  ['/', false],
])('%s lies below /music: %s', (path, isBelow) => {
  expect(isBelowOne(join(path), ['/music/'])).toBe(isBelow);
});
