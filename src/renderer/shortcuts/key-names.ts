/** Names of keys: as events bring them, as they are kept, and as people read them. */

interface KeyEvent {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const modifierKeys = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead']);

export const isMac = /mac/i.test(navigator.platform);

/**
 * The name of a pressed key with its modifiers, such as `Mod+Shift+Z`, `Space`, `?`. Shift is left out where it only
 * makes another sign of the key, as with `?`. Null for a modifier alone.
 */
export function keyOf(event: KeyEvent, onMac = isMac): string | null {
  if (modifierKeys.has(event.key)) return null;
  const base = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const isSign = event.key.length === 1 && event.key.toLowerCase() === event.key.toUpperCase();
  const mod = onMac ? event.metaKey : event.ctrlKey;
  const other = onMac ? event.ctrlKey : event.metaKey;
  const parts = [
    mod && 'Mod',
    other && (onMac ? 'Control' : 'Meta'),
    event.altKey && 'Alt',
    event.shiftKey && (!isSign || event.key === ' ') && 'Shift',
  ];
  return [...parts.filter((part) => part !== false), base].join('+');
}

const signs: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Enter: '↵',
};

/** How a key's name is shown: `⌘K` on a Mac, `Ctrl K` elsewhere. */
export function keyLabel(key: string, onMac = isMac): string {
  const parts = key === '+' || key.endsWith('++') ? [...key.slice(0, -2).split('+'), '+'] : key.split('+');
  const shown = parts
    .filter((part) => part !== '')
    .map((part) => {
      if (part === 'Mod') return onMac ? '⌘' : 'Ctrl';
      if (part === 'Shift') return onMac ? '⇧' : 'Shift';
      if (part === 'Alt') return onMac ? '⌥' : 'Alt';
      return signs[part] ?? part;
    });
  return shown.join(onMac ? '' : ' ');
}
