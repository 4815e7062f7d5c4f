/** The native menus: what they hold, as data. Choosing an entry is told to the page, which does it. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from '../shared/shell-commands.ts';
import { appName, texts } from './texts.ts';

export interface AppMenuOptions {
  platform: NodeJS.Platform;
  /** Whether this is a build for people, without the browser's own tools. */
  isPackaged: boolean;
  choose: (action: MenuAction) => void;
  showLog: () => void;
}

/**
 * Keys of the menus. All carry a modifier: a single letter in a menu would be taken from whoever is typing, so the
 * keys of culling and playing belong to the page, which also lets a person change them.
 */
export const menuAccelerators: Partial<Record<MenuAction, string>> = {
  'add-folder': 'CommandOrControl+O',
  export: 'CommandOrControl+E',
  settings: 'CommandOrControl+,',
  'show-list': 'CommandOrControl+1',
  cull: 'CommandOrControl+2',
  compare: 'CommandOrControl+3',
  training: 'CommandOrControl+4',
  insight: 'CommandOrControl+5',
  'focus-search': 'CommandOrControl+K',
  'toggle-side-bar': 'CommandOrControl+B',
  'toggle-inspector': 'CommandOrControl+I',
  'toggle-jobs': 'CommandOrControl+J',
  undo: 'CommandOrControl+Z',
  redo: 'Shift+CommandOrControl+Z',
  'select-all': 'CommandOrControl+A',
  'zoom-in': 'CommandOrControl+Plus',
  'zoom-out': 'CommandOrControl+-',
  'zoom-reset': 'CommandOrControl+0',
  shortcuts: 'CommandOrControl+/',
};

const separator: MenuItemConstructorOptions = { type: 'separator' };

export function appMenuTemplate(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  const entries = (...actions: MenuAction[]) => actions.map((action) => menuEntry(action, options));
  const { menus } = texts;
  return [
    ...(isMac ? [macAppMenu(entries)] : []),
    {
      label: menus.file,
      submenu: [
        ...entries('add-folder', 'export'),
        separator,
        ...(isMac ? [] : [...entries('settings'), separator]),
        isMac
          ? { role: 'close', label: texts.closeWindow }
          : { role: 'quit', label: texts.quit, accelerator: 'Control+Q' },
      ],
    },
    {
      label: menus.edit,
      submenu: [
        ...entries('undo', 'redo'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        ...entries('select-all'),
        separator,
        ...entries('focus-search'),
      ],
    },
    {
      label: menus.view,
      submenu: [
        ...entries('show-list', 'cull', 'compare', 'insight', 'training'),
        separator,
        ...entries('toggle-side-bar', 'toggle-inspector', 'toggle-jobs'),
        separator,
        ...entries('zoom-in', 'zoom-out', 'zoom-reset'),
        separator,
        { role: 'togglefullscreen' },
        ...(options.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
      ],
    },
    {
      label: menus.song,
      submenu: [
        ...entries('play-pause', 'next-song', 'previous-song'),
        separator,
        ...entries('keep', 'reject', 'clear-verdict'),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    {
      role: 'help',
      label: menus.help,
      submenu: [
        ...entries('shortcuts'),
        { label: texts.openLog, click: options.showLog },
        ...(isMac ? [] : [separator, ...entries('about')]),
      ],
    },
  ];
}

function menuEntry(action: MenuAction, { choose }: AppMenuOptions): MenuItemConstructorOptions {
  const accelerator = menuAccelerators[action];
  return {
    id: action,
    label: texts.actions[action],
    ...(accelerator !== undefined && { accelerator }),
    click: () => {
      choose(action);
    },
  };
}

function macAppMenu(
  entries: (...actions: MenuAction[]) => MenuItemConstructorOptions[],
): MenuItemConstructorOptions {
  return {
    label: appName,
    submenu: [
      ...entries('about'),
      separator,
      ...entries('settings'),
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
}
