/** Keys to actions: whoever can do an action says so while it is there; the innermost one is asked first. */
import type { Settings } from '../state/settings.svelte.ts';
import { keyLabel, keyOf } from './key-names.ts';
import type { ShortcutName, ShortcutScope } from './shortcut-actions.ts';
import { shortcutActions, shortcutNames } from './shortcut-actions.ts';

/** @returns false where it had nothing to do, so that the key goes on to others */
export type ShortcutHandler = () => unknown;

export class Shortcuts {
  /** The mode whose keys hold besides those that hold everywhere. */
  scope = $state<ShortcutScope>('list');
  /** Whether keys are left alone, as while a dialog is open or a key is being chosen. */
  isSuspended: () => boolean = () => false;
  readonly #settings: Settings;
  readonly #handlers = new Map<ShortcutName, ShortcutHandler[]>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Does actions from now on; the last one to say so goes first. @returns ends it */
  handle(handlers: Partial<Record<ShortcutName, ShortcutHandler>>): () => void {
    const entries = Object.entries(handlers) as [ShortcutName, ShortcutHandler][];
    for (const [name, handler] of entries) {
      this.#handlers.set(name, [handler, ...(this.#handlers.get(name) ?? [])]);
    }
    return () => {
      for (const [name, handler] of entries) {
        const rest = (this.#handlers.get(name) ?? []).filter((other) => other !== handler);
        this.#handlers.set(name, rest);
      }
    };
  }

  /** Does an action, as a menu or a button asks for it. @returns whether somebody did it */
  run(name: ShortcutName): boolean {
    return (this.#handlers.get(name) ?? []).some((handler) => handler() !== false);
  }

  /** The keys of an action: the person's, of which an empty text stands for none, else the usual ones. */
  keysOf(name: ShortcutName): readonly string[] {
    const own = this.#settings.current.shortcuts[name];
    if (own === undefined) return shortcutActions[name].keys;
    return own === '' ? [] : [own];
  }

  /** All keys of an action as they are shown. */
  labelsOf(name: ShortcutName): string[] {
    return this.keysOf(name).map((key) => keyLabel(key));
  }

  /** The first key of an action as it is shown; an empty text where it has none. */
  labelOf(name: ShortcutName): string {
    const [key] = this.keysOf(name);
    return key === undefined ? '' : keyLabel(key);
  }

  /** The action that has a key in a scope, undefined where none has. */
  find(key: string, scope: ShortcutScope): ShortcutName | undefined {
    const isOf = (name: ShortcutName) => this.keysOf(name).includes(key);
    // What holds in this mode alone goes before what holds everywhere.
    return (
      shortcutNames.find((name) => shortcutActions[name].scope === scope && isOf(name)) ??
      shortcutNames.find((name) => shortcutActions[name].scope === 'everywhere' && isOf(name))
    );
  }

  /** Does what a pressed key stands for, unless the key belongs to a field or a control. */
  readonly press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || this.isSuspended()) return;
    const key = keyOf(event);
    if (key === null || belongsToControl(event, key)) return;
    const name = this.find(key, this.scope);
    if (name === undefined || !this.run(name)) return;
    event.preventDefault();
  };
}

/** Typing, and what a focused control does by itself. */
function belongsToControl(event: KeyboardEvent, key: string): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  // Dialogs, popovers and menus keep keys to themselves.
  if (target.closest('[role=dialog], [role=alertdialog], [role=menu]') !== null) return true;
  const isField =
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type));
  if (isField) return !key.startsWith('Mod+') || ['Mod+A', 'Mod+Z', 'Mod+Shift+Z'].includes(key);
  if (target.closest('[role=slider], input[type=range]') !== null && key.startsWith('Arrow')) return true;
  const isButton = target.closest('button, a[href], [role=menuitem], [role=option], [role=tab]') !== null;
  return isButton && (key === 'Space' || key === 'Enter');
}
