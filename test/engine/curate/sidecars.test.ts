/** A song's sidecars are found by name, and those that another song may need are told apart. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { SidecarFinder } from '../../../src/engine/curate/sidecars.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();

async function sidecarsOf(song: string, others: readonly string[]) {
  for (const name of [song, ...others]) writeFileSync(inFolder(name), '');
  const found = await new SidecarFinder().find(inFolder(song));
  return found.map(({ path, suffix, isShared }) => [basename(path), suffix, isShared]);
}

test('in every form of name that generators use', async () => {
  const others = ['a.json', 'a.wav.json', 'a_input_params.json', 'a.LRC', 'b.json', 'a.wav.bak', 'ab.json'];
  expect(await sidecarsOf('a.wav', others)).toEqual([
    ['a.LRC', '.LRC', false],
    ['a.json', '.json', false],
    ['a.wav.json', '.wav.json', false],
    ['a_input_params.json', '_input_params.json', false],
  ]);
});

test('with two songs of one base name, only what names one in full is its own', async () => {
  expect(await sidecarsOf('a.wav', ['a.mp3', 'a.json', 'a.wav.json', 'a.mp3.json'])).toEqual([
    ['a.json', '.json', true],
    ['a.wav.json', '.wav.json', false],
  ]);
});
