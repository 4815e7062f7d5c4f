/** How loud a song is heard, as the player tells it. */

export interface HeardLoudness {
  lufs: number;
  gainDb: number;
  /** Whether its peaks kept it below the target. */
  isHeldBack: boolean;
}

/**
 * @param gainDb what the player adds
 * @returns null for a song without a measured loudness
 */
export function heardLoudness(
  loudnessLufs: number | null,
  gainDb: number,
  targetLufs: number,
): HeardLoudness | null {
  if (loudnessLufs === null) return null;
  const lufs = loudnessLufs + gainDb;
  return { lufs, gainDb, isHeldBack: lufs < targetLufs - 0.05 };
}
