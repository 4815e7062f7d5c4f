import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { readStart } from '../../src/main/opened-paths.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();

let folder: string;

beforeEach(() => {
  folder = inFolder();
  mkdirSync(join(folder, 'app'));
  for (const name of ['a.wav', '-b.wav', 'ä b.wav']) writeFileSync(join(folder, name), '');
});

test.each<[string, (folder: string) => string[], string[], boolean]>([
  ['nothing', () => [], [], false],
  ['relative and absolute paths, each once', (at) => ['a.wav', join(at, 'a.wav')], ['a.wav'], false],
  ['addresses of files', (at) => [pathToFileURL(join(at, 'ä b.wav')).href], ['ä b.wav'], false],
  [
    'other addresses',
    () => ['https://example.org/a.wav', 'file://elsewhere/a.wav', 'app://bundle/'],
    [],
    false,
  ],
  ['switches', () => ['--no-sandbox', '--hidden', '-x', 'a.wav'], ['a.wav'], true],
  ['names after two dashes', () => ['--', '-b.wav', '--hidden'], ['-b.wav'], false],
  ['what is not there', () => ['gone.wav', ''], [], false],
  ['the app’s own folder, as in development', (at) => [join(at, 'app'), 'a.wav'], ['a.wav'], false],
])('%s', (_, given, names, isHidden) => {
  const paths = names.map((name) => join(folder, name));
  expect(readStart(given(folder), folder, join(folder, 'app'))).toEqual({ paths, isHidden });
});
