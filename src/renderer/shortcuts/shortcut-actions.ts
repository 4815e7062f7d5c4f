/** Every action that has keys: its usual keys and where they hold. */

/**
 * Where keys hold: `everywhere`, or only in one of the window's modes.
 */
export type ShortcutScope = 'everywhere' | 'list' | 'cull' | 'compare' | 'training' | 'insight';

export interface ShortcutAction {
  /** Keys in the form of `keyOf`; `Mod` is Command on a Mac and Control elsewhere. */
  keys: readonly string[];
  scope: ShortcutScope;
}

/** In the order of the list of shortcuts. */
export const shortcutActions = {
  'play-pause': { keys: ['Space'], scope: 'everywhere' },
  'next-song': { keys: ['J', 'ArrowRight'], scope: 'cull' },
  'previous-song': { keys: ['K', 'ArrowLeft'], scope: 'cull' },
  'play-next': { keys: ['Mod+ArrowRight'], scope: 'everywhere' },
  'play-previous': { keys: ['Mod+ArrowLeft'], scope: 'everywhere' },
  'seek-forward': { keys: ['Shift+ArrowRight', '.'], scope: 'everywhere' },
  'seek-back': { keys: ['Shift+ArrowLeft', ','], scope: 'everywhere' },
  keep: { keys: ['P'], scope: 'everywhere' },
  reject: { keys: ['X'], scope: 'everywhere' },
  'clear-verdict': { keys: ['U'], scope: 'everywhere' },
  'stars-0': { keys: ['0'], scope: 'everywhere' },
  'stars-1': { keys: ['1'], scope: 'everywhere' },
  'stars-2': { keys: ['2'], scope: 'everywhere' },
  'stars-3': { keys: ['3'], scope: 'everywhere' },
  'stars-4': { keys: ['4'], scope: 'everywhere' },
  'stars-5': { keys: ['5'], scope: 'everywhere' },
  undo: { keys: ['Z', 'Mod+Z'], scope: 'everywhere' },
  redo: { keys: ['Shift+Z', 'Mod+Shift+Z'], scope: 'everywhere' },
  'focus-search': { keys: ['Mod+K', '/'], scope: 'everywhere' },
  'select-all': { keys: ['Mod+A'], scope: 'list' },
  'play-song': { keys: ['Enter'], scope: 'list' },
  cull: { keys: ['C'], scope: 'list' },
  compare: { keys: ['B'], scope: 'list' },
  training: { keys: ['T'], scope: 'everywhere' },
  insight: { keys: ['G'], scope: 'everywhere' },
  'bring-in': { keys: ['N'], scope: 'list' },
  export: { keys: ['Mod+E'], scope: 'everywhere' },
  'put-rejects-away': { keys: ['Mod+Backspace'], scope: 'everywhere' },
  history: { keys: ['H'], scope: 'everywhere' },
  'toggle-side-bar': { keys: ['['], scope: 'everywhere' },
  'toggle-inspector': { keys: [']', 'I'], scope: 'list' },
  settings: { keys: ['Mod+,'], scope: 'everywhere' },
  shortcuts: { keys: ['?'], scope: 'everywhere' },
  'toggle-jobs': { keys: ['Mod+J'], scope: 'everywhere' },
  'zoom-in': { keys: ['Mod+=', 'Mod++'], scope: 'everywhere' },
  'zoom-out': { keys: ['Mod+-'], scope: 'everywhere' },
  'zoom-reset': { keys: ['Mod+0'], scope: 'everywhere' },
  'switch-sides': { keys: ['Space', 'Tab'], scope: 'compare' },
  'a-is-better': { keys: ['ArrowLeft'], scope: 'compare' },
  'b-is-better': { keys: ['ArrowRight'], scope: 'compare' },
  even: { keys: ['ArrowDown'], scope: 'compare' },
  'toggle-blind': { keys: ['B'], scope: 'compare' },
  leave: { keys: ['Escape'], scope: 'everywhere' },
} as const satisfies Record<string, ShortcutAction>;

export type ShortcutName = keyof typeof shortcutActions;
export const shortcutNames = Object.keys(shortcutActions) as ShortcutName[];
