/** Musical keys in one spelling each. */

export const keyModes = ['major', 'minor'] as const;
export type KeyMode = (typeof keyModes)[number];

export interface MusicalKey {
  /** 0 for C, 1 for C sharp or D flat, up to 11 for B. */
  tonic: number;
  mode: KeyMode;
}

/** The spelling with the fewest signs; of F sharp and G flat the one that is usual for its mode. */
const tonicNames: Readonly<Record<KeyMode, readonly string[]>> = {
  major: ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'],
  minor: ['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B'],
};

const noteOfLetter: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** Such as `Bb minor`. */
export function musicalKeyName({ tonic, mode }: MusicalKey): string {
  return `${tonicNames[mode][tonic] ?? ''} ${mode}`;
}

/** The key that a name such as `A# minor` stands for, in any case; null for what is no key. */
export function parseMusicalKey(name: string): MusicalKey | null {
  const [, letter, sign, mode] = /^([a-g])([#b]?) (major|minor)$/i.exec(name.trim()) ?? [];
  const note = noteOfLetter[letter?.toUpperCase() ?? ''];
  if (note === undefined || mode === undefined) return null;
  const raised = sign === '#' ? 1 : sign === undefined || sign === '' ? 0 : -1;
  return { tonic: (note + raised + 12) % 12, mode: mode.toLowerCase() === 'major' ? 'major' : 'minor' };
}
