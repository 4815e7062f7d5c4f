/** What was measured of how a song sounds: tempo and key, each with how sure the measurement is of it. */
import { z } from 'zod';

/** How sure a measurement is, 0..1; no probability, and comparable only within one version of the detector. */
const confidenceSchema = z.number().min(0).max(1);

export const soundMeasurementSchema = z.object({
  /** Beats per minute; null where no steady beat was found. */
  tempoBpm: z.number().positive().nullable(),
  tempoConfidence: confidenceSchema,
  /** In the form `A minor`, `F# minor`, `Bb major`; null where the notes fit no key well. */
  musicalKey: z.string().min(1).nullable(),
  keyConfidence: confidenceSchema,
});
export type SoundMeasurement = z.infer<typeof soundMeasurementSchema>;

/** A measurement as the library keeps it. */
export const soundAnalysisSchema = soundMeasurementSchema.extend({
  /** Version of the detector that measured; a higher one measures again. */
  detectorVersion: z.int().positive(),
  analyzedAtMs: z.number(),
});
export type SoundAnalysis = z.infer<typeof soundAnalysisSchema>;
