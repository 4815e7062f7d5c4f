/** What a check of the installation finds: the form of `banger doctor --format json` and of the settings page. */
import { z } from 'zod';

export const healthCheckSchema = z.object({
  /** What was looked at, such as `ffmpeg`. */
  name: z.string(),
  /** `ok`: nothing to do. `warning`: works, could be better. `problem`: scoring will fail. */
  status: z.enum(['ok', 'warning', 'problem']),
  /** One line: what is there. */
  found: z.string(),
  /** What the person can do. */
  nextStep: z.string().nullable(),
});

export type HealthCheck = z.infer<typeof healthCheckSchema>;
