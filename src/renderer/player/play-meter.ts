/** Measures how much of a song was heard, so that a play counts once and skipping through counts as none. */
import { secondsUntilPlayed } from '../../shared/plays.ts';

/** Positions come a few times a second, once a second in the background; what lies further apart was not heard. */
const longestStepSeconds = 3;

export class PlayMeter {
  #heardSeconds = 0;
  #lastSeconds: number | null = null;
  #isCounted = false;

  /** Another song, or the same one from its start. */
  begin(): void {
    this.#heardSeconds = 0;
    this.#lastSeconds = null;
    this.#isCounted = false;
  }

  /** The position jumped: what lies between was not heard. */
  jump(): void {
    this.#lastSeconds = null;
  }

  /**
   * The song has come to a position while it sounds.
   *
   * @param durationSeconds null where it is not known
   * @returns whether a play is to be counted now; once until `begin`
   */
  reach(positionSeconds: number, durationSeconds: number | null): boolean {
    const step = this.#lastSeconds === null ? 0 : positionSeconds - this.#lastSeconds;
    this.#lastSeconds = positionSeconds;
    if (step > 0 && step <= longestStepSeconds) this.#heardSeconds += step;
    if (this.#isCounted || this.#heardSeconds < secondsUntilPlayed(durationSeconds)) return false;
    this.#isCounted = true;
    return true;
  }
}
