/** Finds actions by their words or their keys. */
import { strings } from '../strings/en.ts';
import { shortcutActions, shortcutNames, type ShortcutName, type ShortcutScope } from './shortcut-actions.ts';

export interface ActionGroup {
  scope: ShortcutScope;
  names: ShortcutName[];
}

const scopes: readonly ShortcutScope[] = ['everywhere', 'list', 'cull', 'compare'];

/**
 * Actions by where they hold, groups without any left out.
 *
 * @param text words that must all occur in an action's words, or a key as it is shown; empty for all actions
 * @param labelsOf the keys of an action as they are shown
 */
export function findActions(
  text: string,
  labelsOf: (name: ShortcutName) => readonly string[],
): ActionGroup[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const whole = text.trim().toLowerCase();
  const isFound = (name: ShortcutName) => {
    const label = strings.shortcuts.actions[name].toLowerCase();
    const hasWords = words.every((word) => label.includes(word));
    return hasWords || labelsOf(name).some((key) => key.toLowerCase() === whole);
  };
  return scopes
    .map((scope) => ({
      scope,
      names: shortcutNames.filter((name) => shortcutActions[name].scope === scope && isFound(name)),
    }))
    .filter(({ names }) => names.length > 0);
}
