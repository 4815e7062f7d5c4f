/** Musical keys as people write them. */

/** `E♭ minor` for `Eb minor`; what is no key in that form stays as it is. */
export function keyInFull(key: string): string {
  const parts = /^([A-G])([b#]?) (minor|major)$/i.exec(key.trim());
  if (parts === null) return key;
  const [, note = '', sign = '', mode = ''] = parts;
  const signs: Record<string, string> = { b: '♭', '#': '♯' };
  return `${note.toUpperCase()}${signs[sign] ?? ''} ${mode.toLowerCase()}`;
}
