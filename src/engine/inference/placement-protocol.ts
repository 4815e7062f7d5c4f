/** The call that asks where the operators of a model ran, with the schemas that check it on both sides. */
import { z } from 'zod';
import type { Answer } from '../../shared/answer.ts';

/** Where the operators of one run ran. */
export const placementSchema = z.object({
  /** Operators that ran by the provider that was asked for. */
  ownCount: z.int().nonnegative(),
  /** Operators that ran on the processor. */
  processorCount: z.int().nonnegative(),
  /** Part of the operators' time that was spent on the processor, 0..1. */
  processorShare: z.number().min(0).max(1),
});
export type Placement = z.infer<typeof placementSchema>;

/** The call that an inference process answers besides the others; its request is a `runGraphSchema`. */
export interface PlacementFunctions {
  inspectPlacement(request: unknown): Promise<Answer<Placement>>;
}
