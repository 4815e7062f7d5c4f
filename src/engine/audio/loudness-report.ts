/** Reads integrated loudness and true peak from the summary of ffmpeg's ebur128 filter. */
import type { Loudness } from '../../shared/audio.ts';

/** The measuring filter, at the rate the standard is written for: old builds know no other, new ones differ at others. */
export const loudnessFilter = 'aresample=48000,ebur128=framelog=verbose:peak=true';

/** Where the standard's gate shuts off everything, which the filter reports for silence and for tiny clips. */
const gateLufs = -70;

/** Feed it every line of ffmpeg's messages, then read `loudness`. */
export class LoudnessReader {
  #inSummary = false;
  #integratedLufs: number | null = null;
  #truePeakDbtp: number | null = null;

  read(line: string): void {
    if (/ebur128.*Summary:\s*$/.test(line)) this.#inSummary = true;
    if (!this.#inSummary) return;
    const integrated = /^\s*I:\s+(\S+) LUFS/.exec(line)?.[1];
    if (integrated !== undefined) {
      const lufs = finite(integrated);
      this.#integratedLufs = lufs === null || lufs <= gateLufs ? null : lufs;
    }
    const peak = /^\s*Peak:\s+(\S+) dBFS/.exec(line)?.[1];
    if (peak !== undefined) this.#truePeakDbtp = finite(peak);
  }

  /** Null values for a song that is too quiet or too short to measure, and where the filter did not run. */
  get loudness(): Loudness {
    return { integratedLufs: this.#integratedLufs, truePeakDbtp: this.#truePeakDbtp };
  }
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
