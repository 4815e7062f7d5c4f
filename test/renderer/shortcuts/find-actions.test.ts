/** Actions are found by their words and by their keys, and every one of them has words. */
import { expect, it } from 'vitest';
import { findActions } from '../../../src/renderer/shortcuts/find-actions.ts';
import {
  shortcutActions,
  shortcutNames,
  type ShortcutName,
} from '../../../src/renderer/shortcuts/shortcut-actions.ts';

const labelsOf = (name: ShortcutName) => shortcutActions[name].keys;
const found = (text: string) => findActions(text, labelsOf).flatMap(({ names }) => names);

it('lists every action once, by where it holds', () => {
  const groups = findActions('', labelsOf);
  expect(groups.map(({ scope }) => scope)).toEqual(['everywhere', 'list', 'cull', 'compare']);
  expect(groups.flatMap(({ names }) => names).sort()).toEqual([...shortcutNames].sort());
});

it.each<[string, ShortcutName[]]>([
  ['SONG next', ['play-next', 'next-song']],
  ['mod+e', ['export']],
  ['x', ['reject', 'export', 'play-next', 'next-song']],
  ['nothing like it', []],
])('“%s” finds %j', (text, names) => {
  expect(found(text).sort()).toEqual([...names].sort());
});
