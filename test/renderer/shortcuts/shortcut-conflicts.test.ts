/** Which keys an action may take, and what the person's keys become. */
import { describe, expect, it } from 'vitest';
import {
  shortcutActions,
  shortcutNames,
  type ShortcutName,
} from '../../../src/renderer/shortcuts/shortcut-actions.ts';
import { conflictOf, withKey } from '../../../src/renderer/shortcuts/shortcut-conflicts.ts';

const usual = (name: ShortcutName): readonly string[] => shortcutActions[name].keys;

it.each(shortcutNames)('%s has usual keys that no other action of its mode has', (name) => {
  for (const key of usual(name)) expect(conflictOf(name, key, usual)?.kind ?? 'shadowed').toBe('shadowed');
});

describe('a key', () => {
  it.each<[ShortcutName, string, ReturnType<typeof conflictOf>]>([
    ['keep', 'Q', null],
    ['keep', 'P', null],
    ['keep', 'X', { kind: 'taken', by: 'reject' }],
    ['next-song', 'K', { kind: 'taken', by: 'previous-song' }],
    // Culling goes before what holds everywhere, so a key of everywhere is free for it.
    ['next-song', 'P', null],
    ['keep', 'J', { kind: 'shadowed', by: 'next-song' }],
    ['cull', 'J', null],
    ['keep', 'Tab', { kind: 'reserved' }],
    ['keep', 'Escape', { kind: 'reserved' }],
    ['keep', 'Mod+C', { kind: 'reserved' }],
    ['switch-sides', 'Tab', null],
    ['leave', 'Escape', null],
  ])('for %s: %s meets %j', (name, key, conflict) => {
    expect(conflictOf(name, key, usual)).toEqual(conflict);
  });

  it('that was taken away from its action is free', () => {
    const keysOf = (name: ShortcutName) => (name === 'reject' ? [] : usual(name));
    expect(conflictOf('keep', 'X', keysOf)).toBeNull();
  });
});

describe('the person’s keys', () => {
  it('hold what differs from the usual ones alone', () => {
    expect(withKey({}, 'keep', 'Q')).toEqual({ keep: 'Q' });
    expect(withKey({ keep: 'Q', reject: 'W' }, 'keep', 'P')).toEqual({ reject: 'W' });
    expect(withKey({ keep: 'Q', reject: 'W' }, 'keep', null)).toEqual({ reject: 'W' });
  });

  it('can be one of several usual keys, or none at all', () => {
    expect(withKey({}, 'undo', 'Z')).toEqual({ undo: 'Z' });
    expect(withKey({}, 'undo', '')).toEqual({ undo: '' });
  });
});
