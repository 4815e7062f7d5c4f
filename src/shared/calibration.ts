/** What a calibration finds: how each execution provider of ONNX Runtime runs an encoder on one machine. */
import { z } from 'zod';
import type { Precision } from './library.ts';
import { precisionSchema } from './library.ts';

/**
 * How a provider did.
 *
 * - `works`: it ran, and its embedding is the reference's
 * - `wrong`: it ran, and its embedding is another one
 * - `unused`: it was accepted, yet the processor did the work
 * - `crashed`, `timed-out`: its process died, or had to be ended
 * - `failed`: ONNX Runtime said no
 * - `absent`: this ONNX Runtime could have it, but its library is not installed
 */
export const calibrationOutcomes = [
  'works',
  'wrong',
  'unused',
  'crashed',
  'timed-out',
  'failed',
  'absent',
] as const;
export type CalibrationOutcome = (typeof calibrationOutcomes)[number];

/** One way to run the encoder, and how it went; what was not reached is null. */
export const calibratedVariantSchema = z.object({
  /** ONNX Runtime's name of the execution provider. */
  provider: z.string(),
  precision: precisionSchema,
  /** Threads inside one operator; 0 for as many as the runtime takes by itself. */
  threads: z.int().nonnegative(),
  outcome: z.enum(calibrationOutcomes),
  /** Why it lost: one sentence for the person, null where it works. */
  reason: z.string().nullable(),
  /** For the log: what ONNX Runtime or the process said. */
  details: z.string().nullable(),
  /** From a process without a model to one that is ready. */
  sessionSeconds: z.number().nonnegative().nullable(),
  /** The fastest of a few runs over the full window. */
  secondsPerWindow: z.number().positive().nullable(),
  /** Between its embedding and that of the processor in fp32. */
  cosine: z.number().nullable(),
  /** Part of the operators' time that was spent on the processor, 0..1; null where that was not asked. */
  processorShare: z.number().min(0).max(1).nullable(),
  /** Main memory of its process at its highest. */
  peakBytes: z.number().nonnegative().nullable(),
});
export type CalibratedVariant = z.infer<typeof calibratedVariantSchema>;

/** The figures of a variant of which nothing was reached yet. */
export const unmeasured = {
  sessionSeconds: null,
  secondsPerWindow: null,
  cosine: null,
  processorShare: null,
  peakBytes: null,
} satisfies Partial<CalibratedVariant>;

/** What may change how fast or how right a provider is. */
export const machineRecordSchema = z.object({
  /** Operating system and processor family, such as `linux x64`. */
  platform: z.string(),
  processor: z.string(),
  processorCount: z.int().positive(),
  /** Graphics cards and their drivers, one line each, in the system's own words. */
  drivers: z.array(z.string()),
});
export type MachineRecord = z.infer<typeof machineRecordSchema>;

/** A calibration of one encoder, with all that it depends on. */
export const calibrationSchema = z.object({
  encoder: z.object({ name: z.string(), label: z.string(), sha256: z.string() }),
  runtimeVersion: z.string(),
  machine: machineRecordSchema,
  /** Length of the clip that was encoded. */
  windowSeconds: z.number().positive(),
  measuredAt: z.iso.datetime(),
  /** In the order in which they were tried; the processor in fp32, the reference, comes first. */
  variants: z.array(calibratedVariantSchema),
});
export type Calibration = z.infer<typeof calibrationSchema>;

/** What is being tried, and what is known already. */
export const calibrationProgressSchema = z.object({
  provider: z.string(),
  precision: precisionSchema,
  /** Ways that were tried, of so many. */
  doneCount: z.int().nonnegative(),
  totalCount: z.int().positive(),
});
export type CalibrationProgress = z.infer<typeof calibrationProgressSchema>;

/**
 * The least cosine to the reference that counts as right.
 *
 * In fp32 only the order of sums differs, which leaves 1e-6 at most; 1e-4 is room for cards that multiply in TF32. Half
 * floats carry 11 bits through some 170 products one after another, bytes 8 bits with a scale per channel: the bounds
 * of both tell rounding from a broken driver and say nothing about rankings, whose agreement is measured on songs.
 */
export const leastCosines: Readonly<Record<Precision, number>> = { fp32: 0.9999, fp16: 0.999, int8: 0.99 };

/** Providers whose numbers and speed nobody of this project has seen on real hardware yet (docs/providers.md). */
const unverifiedProviders: readonly string[] = ['cuda', 'coreml', 'dml'];

export function isVerifiedProvider(provider: string): boolean {
  return !unverifiedProviders.includes(provider);
}

/**
 * The fastest way that works, null where none does.
 *
 * @param precision only ways in this one; the reference precision unless told
 */
export function fastestVariant(
  variants: readonly CalibratedVariant[],
  precision: Precision = 'fp32',
): (CalibratedVariant & { secondsPerWindow: number }) | null {
  let fastest: (CalibratedVariant & { secondsPerWindow: number }) | null = null;
  for (const variant of variants) {
    const { secondsPerWindow } = variant;
    if (variant.outcome !== 'works' || variant.precision !== precision || secondsPerWindow === null) continue;
    if (fastest === null || secondsPerWindow < fastest.secondsPerWindow) {
      fastest = { ...variant, secondsPerWindow };
    }
  }
  return fastest;
}
