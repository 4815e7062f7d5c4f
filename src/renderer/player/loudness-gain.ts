/** How much louder or softer a song is played so that all songs sound equally loud. */

/** True peaks stay under this, so that nothing clips that did not clip before. */
const maximumPeakDbtp = -1;

/** Quiet songs are not raised further than this: what is lifted most is noise. */
const maximumGainDb = 20;

/** What is known of a song's loudness; null where it was not measured or has none. */
export interface MeasuredLoudness {
  /** Integrated loudness by EBU R 128. */
  loudnessLufs: number | null;
  truePeakDbtp: number | null;
}

/**
 * The gain that brings a song to a target without its peaks passing -1 dBTP; a song whose peaks lie above that
 * already is never made louder. 0 dB for a song without a measured loudness.
 *
 * @param truePeakDbtp highest true peak; without it a song is only ever made softer
 * @returns gain in dB
 */
export function loudnessGainDb({ loudnessLufs, truePeakDbtp }: MeasuredLoudness, targetLufs: number): number {
  if (loudnessLufs === null || !Number.isFinite(loudnessLufs)) return 0;
  const wanted = Math.min(maximumGainDb, targetLufs - loudnessLufs);
  const headroom = truePeakDbtp === null ? 0 : Math.max(0, maximumPeakDbtp - truePeakDbtp);
  return Math.min(wanted, headroom);
}

/**
 * Gains in dB with which songs are equally loud: the target, or less where one of them cannot be raised that far. A
 * song without a measured loudness is left as it is.
 */
export function matchedGainsDb(songs: readonly MeasuredLoudness[], targetLufs: number): number[] {
  const reached = songs.flatMap((song) =>
    song.loudnessLufs === null ? [] : [song.loudnessLufs + loudnessGainDb(song, targetLufs)],
  );
  const common = Math.min(targetLufs, ...reached);
  return songs.map((song) => (song.loudnessLufs === null ? 0 : common - song.loudnessLufs));
}

/** The factor that a gain in dB stands for. */
export function gainFactor(gainDb: number): number {
  return 10 ** (gainDb / 20);
}
