/** The way to a folder in the folder picker. */
import { expect, it } from 'vitest';
import { breadcrumbsOf } from '../../../src/renderer/dialogs/breadcrumbs.ts';

const roots = [
  { name: '/music', path: '/music' },
  { name: '/music/night', path: '/music/night' },
  { name: 'D:\\songs', path: 'D:\\songs' },
];

it.each<[string | null, [string | null, string | null][]]>([
  [null, [[null, null]]],
  [
    '/music',
    [
      [null, null],
      ['/music', '/music'],
    ],
  ],
  [
    '/music/a/b c',
    [
      [null, null],
      ['/music', '/music'],
      ['a', '/music/a'],
      ['b c', '/music/a/b c'],
    ],
  ],
  [
    '/music/night/x',
    [
      [null, null],
      ['/music/night', '/music/night'],
      ['x', '/music/night/x'],
    ],
  ],
  [
    '/music/nightly',
    [
      [null, null],
      ['/music', '/music'],
      ['nightly', '/music/nightly'],
    ],
  ],
  [
    'D:\\songs\\ä',
    [
      [null, null],
      ['D:\\songs', 'D:\\songs'],
      ['ä', 'D:\\songs\\ä'],
    ],
  ],
])('to %s', (path, crumbs) => {
  expect(breadcrumbsOf(path, roots).map((crumb) => [crumb.name, crumb.path])).toEqual(crumbs);
});

it('leaves out the list of roots where there is one alone', () => {
  expect(breadcrumbsOf('/music/a', [{ name: '/music', path: '/music' }])).toEqual([
    { name: '/music', path: '/music' },
    { name: 'a', path: '/music/a' },
  ]);
  expect(breadcrumbsOf('/music', [{ name: '/', path: '/' }])).toEqual([
    { name: '/', path: '/' },
    { name: 'music', path: '/music' },
  ]);
});
