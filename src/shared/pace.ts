/** How hard songs are worked on: what a run may take of the machine. */
import { z } from 'zod';

/** Process priorities in the terms of `os.setPriority`, which every system translates into its own. */
export const priorities = {
  /** Whatever a person does goes first. */
  belowNormal: 10,
  /** Only what nobody else wants. */
  lowest: 19,
} as const;

export interface Pace {
  /** Threads of the encoder; 0 leaves the choice to the runtime, which takes one for each core. */
  threads: number;
  /** Priority of the processes that encode and decode, as in `priorities`. */
  priority: number;
}

export const usualPace: Pace = { threads: 0, priority: priorities.belowNormal };

/**
 * Half of the machine, at the lowest priority.
 *
 * @param cores how many processors can be used
 */
export function quietPace(cores: number): Pace {
  return { threads: Math.max(1, Math.floor(cores / 2)), priority: priorities.lowest };
}

/** Why songs are worked on quietly: a person said so, or the machine asks for it. */
export const quietReasons = ['setting', 'battery', 'heat'] as const;
export const quietReasonSchema = z.enum(quietReasons);
export type QuietReason = z.infer<typeof quietReasonSchema>;
