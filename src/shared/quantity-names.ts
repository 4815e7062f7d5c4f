/** What the quantities that scores are looked at against are called, and how exactly they are written. */
import type { SongQuantity } from './insight-parts.ts';

/** The name, and the unit where the quantity has one. */
export const quantityNames: Record<SongQuantity, { label: string; unit: string | null }> = {
  tempo: { label: 'tempo', unit: 'BPM' },
  duration: { label: 'length', unit: 'seconds' },
  loudness: { label: 'loudness', unit: 'LUFS' },
  'generation-time': { label: 'generation time', unit: 'seconds' },
  'guidance-scale': { label: 'guidance scale', unit: null },
  'inference-steps': { label: 'inference steps', unit: null },
};

/** Decimals for people. */
export const quantityDigits: Record<SongQuantity, number> = {
  tempo: 0,
  duration: 0,
  loudness: 1,
  'generation-time': 1,
  'guidance-scale': 1,
  'inference-steps': 0,
};
