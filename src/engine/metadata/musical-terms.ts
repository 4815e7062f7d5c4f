/** Musical keys and time signatures in one spelling each, whatever a generator writes. */

const keyPattern =
  /^([A-Ga-g])\s*(#|♯|b|♭|-?\s*sharp|-?\s*flat)?\s*[-_ ]?\s*(major|maj|minor|min|moll|dur|m)?$/i;

/**
 * A key as `C major`, `F# minor` or `Bb major`. A lone capital letter is major, a lone small one minor, as is
 * customary; `♯` and `♭` become `#` and `b`. What is no key stays as it was written.
 */
export function normalizeMusicalKey(text: string | null): string | null {
  if (text === null) return null;
  const [, letter, accidental, mode] = keyPattern.exec(text.trim()) ?? [];
  if (letter === undefined) return text;
  const tonic = letter.toUpperCase() + accidentalSign(accidental);
  return `${tonic} ${isMinor(letter, mode) ? 'minor' : 'major'}`;
}

function accidentalSign(accidental: string | undefined): string {
  if (accidental === undefined) return '';
  return /sharp|#|♯/i.test(accidental) ? '#' : 'b';
}

function isMinor(letter: string, mode: string | undefined): boolean {
  if (mode === undefined) return letter === letter.toLowerCase();
  // A capital M alone stands for major, as in chord names.
  return mode === 'm' || /^(?:mi|mo)/i.test(mode);
}

/** Beats of a bar by the note that is usual for them, as ACE-Step means a lone number. */
const usualSignatures: Readonly<Record<string, string>> = { 2: '2/4', 3: '3/4', 4: '4/4', 6: '6/8' };

/** A time signature as `4/4`; null for what is none. */
export function normalizeTimeSignature(text: string | null): string | null {
  if (text === null) return null;
  const [, beats, unit] = /^\s*(\d{1,2})\s*(?:[/:]\s*(\d{1,2}))?\s*$/.exec(text) ?? [];
  if (beats === undefined) return null;
  return unit === undefined ? (usualSignatures[beats] ?? null) : `${Number(beats)}/${Number(unit)}`;
}
