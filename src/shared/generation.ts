/** How a song was made: the parameters that its generator wrote into a sidecar or into the song's tags. */
import { z } from 'zod';

/**
 * Who made a song.
 *
 * - `ace-step-1.5`, `ace-step-1`: ACE-Step's own programs
 * - `banger-scorer`: the reference project, which drives ACE-Step
 * - `comfyui`: a ComfyUI graph, whatever model it runs
 * - `suno`: a download from Suno
 * - `musicgen`: MusicGen and its user interfaces
 * - `other`: parameters in a common form, by a program that does not name itself
 */
export const generators = [
  'ace-step-1.5',
  'ace-step-1',
  'banger-scorer',
  'comfyui',
  'suno',
  'musicgen',
  'other',
] as const;
export const generatorSchema = z.enum(generators);
export type Generator = z.infer<typeof generatorSchema>;

/** Null stands for what the generator did not say. */
export const generationSchema = z.object({
  generator: generatorSchema,
  /** Absolute path of the file that says all this: a sidecar, or the song itself where its tags do. */
  sourceFile: z.string(),
  /**
   * Songs with equal keys come from one run of the generator, or from repeating one recipe with other seeds.
   * Different keys say nothing: few generators write down what a run was.
   */
  runKey: z.string().nullable(),
  /** The description of the music in words. */
  prompt: z.string().nullable(),
  lyrics: z.string().nullable(),
  /** Beats per minute as asked for or as chosen by the generator, not as measured. */
  tempoBpm: z.number().positive().nullable(),
  /** In the form `A minor`, `F# major`, `Bb minor`. */
  musicalKey: z.string().nullable(),
  /** In the form `4/4`. */
  timeSignature: z.string().nullable(),
  /** Decimal digits; text, since seeds of 64 bits do not fit into a number. */
  seed: z.string().nullable(),
  /** Strength of classifier-free guidance. */
  guidanceScale: z.number().nullable(),
  inferenceSteps: z.int().positive().nullable(),
  /** The model by the name that the generator gives it. */
  model: z.string().nullable(),
  /** How long the generator worked on the song. */
  generationSeconds: z.number().nonnegative().nullable(),
  /** What the generator wrote, as JSON text; long parts are shortened. */
  raw: z.string(),
});
export type Generation = z.infer<typeof generationSchema>;
