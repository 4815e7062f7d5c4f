/** Which keys an action may take: what is in the way of a key, and what the person's own keys become. */
import {
  shortcutActions,
  shortcutNames,
  type ShortcutAction,
  type ShortcutName,
} from './shortcut-actions.ts';

/**
 * What a key meets.
 *
 * - `reserved`: dialogs, lists and fields need it
 * - `taken`: another action has it where this one holds, so that one of them could never be done
 * - `shadowed`: in one of the window's modes another action has it, and goes first there
 */
export type KeyConflict = { kind: 'reserved' } | { kind: 'taken' | 'shadowed'; by: ShortcutName };

/** Keys to move around with, to leave with, and those of the clipboard and the window. */
const reservedKeys = new Set([
  'Escape',
  'Tab',
  'Shift+Tab',
  'ArrowUp',
  'ArrowDown',
  'Home',
  'End',
  'PageUp',
  'PageDown',
  'Mod+C',
  'Mod+V',
  'Mod+X',
  'Mod+W',
  'Mod+Q',
  'Mod+R',
]);

/**
 * What is in the way of a key for an action; null when nothing is.
 *
 * @param keysOf the keys that actions have now
 */
export function conflictOf(
  name: ShortcutName,
  key: string,
  keysOf: (name: ShortcutName) => readonly string[],
): KeyConflict | null {
  const action: ShortcutAction = shortcutActions[name];
  if (reservedKeys.has(key) && !action.keys.includes(key)) return { kind: 'reserved' };
  const others = shortcutNames.filter((other) => other !== name && keysOf(other).includes(key));
  const taken = others.find((other) => shortcutActions[other].scope === action.scope);
  if (taken !== undefined) return { kind: 'taken', by: taken };
  const [shadowing] = action.scope === 'everywhere' ? others : [];
  return shadowing === undefined ? null : { kind: 'shadowed', by: shadowing };
}

/**
 * The person's own keys with another one for an action.
 *
 * @param key an empty text for no key at all, null for the usual ones
 */
export function withKey(
  own: Readonly<Record<string, string>>,
  name: ShortcutName,
  key: string | null,
): Record<string, string> {
  const others = Object.entries(own).filter(([other]) => other !== name);
  const action: ShortcutAction = shortcutActions[name];
  const isUsual = key === null || (action.keys.length === 1 && action.keys[0] === key);
  return Object.fromEntries(isUsual ? others : [...others, [name, key]]);
}
