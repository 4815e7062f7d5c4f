/** What the desktop's menus, tray and media keys ask for. */
import type { MenuAction } from '../../shared/shell-commands.ts';
import { shortcutActions, type ShortcutName } from '../shortcuts/shortcut-actions.ts';
import type { AppState } from './app-state.svelte.ts';

/** Does what a menu's entry says. */
export function runMenuAction(app: AppState, action: MenuAction): void {
  const own: Partial<Record<MenuAction, () => void>> = {
    'add-folder': () => void app.addFolders(),
    about: () => {
      app.openSettings('privacy');
    },
    'show-list': () => {
      app.view = 'list';
    },
    'next-song': () => app.shortcuts.run(app.view === 'cull' ? 'next-song' : 'play-next'),
    'previous-song': () => app.shortcuts.run(app.view === 'cull' ? 'previous-song' : 'play-previous'),
  };
  const act = own[action];
  if (act !== undefined) act();
  else if (isShortcut(action)) app.shortcuts.run(action);
}

function isShortcut(name: string): name is ShortcutName {
  return Object.hasOwn(shortcutActions, name);
}
