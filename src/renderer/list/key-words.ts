/** Musical keys, short enough for a column. */

/** `E♭ min` for `Eb minor`; what is no key in that form stays as it is. */
export function keyWords(key: string): string {
  const parts = /^([A-G])([b#]?) (minor|major)$/i.exec(key.trim());
  if (parts === null) return key;
  const [, note = '', sign = '', mode = ''] = parts;
  const signs: Record<string, string> = { b: '♭', '#': '♯' };
  return `${note.toUpperCase()}${signs[sign] ?? ''} ${mode.slice(0, 3).toLowerCase()}`;
}
