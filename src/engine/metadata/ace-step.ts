/** Reads what ACE-Step writes beside its songs: version 1’s `…_input_params.json` and 1.5’s `<uuid>.json`. */
import { basename, dirname, parse } from 'node:path';
import { Fields, seedText } from './fields.ts';
import type { FoundParameters, GeneratorRecord } from './found-parameters.ts';
import {
  maxLyricsLength,
  maxPromptLength,
  readGuidance,
  readMusicalKey,
  readTempo,
  readTimeSignature,
  runKeyOf,
} from './found-parameters.ts';

/** Whether a record is the parameters of ACE-Step 1.5, which writes all of them into every file. */
export function isAceStep15(value: unknown): boolean {
  const fields = new Fields(value);
  return (
    fields.has('cot_caption', 'cot_bpm', 'cot_keyscale') ||
    (fields.has('keyscale') && fields.has('inference_steps'))
  );
}

/**
 * The parameters of ACE-Step 1.5. What its language model chose (`cot_…`) is what the song was made of; it is
 * there only where the person left a field open. The audio codes are the song itself as tokens and are not kept.
 */
export function readAceStep15({ songPath, value }: GeneratorRecord): FoundParameters {
  const fields = new Fields(value);
  const folder = dirname(songPath);
  return {
    generator: 'ace-step-1.5',
    // Its window saves what was made together into a folder with the time in its name.
    runKey: /^batch_\d+$/.test(basename(folder)) ? runKeyOf('ace-step-1.5', folder) : null,
    prompt: fields.text(maxPromptLength, 'cot_caption', 'caption'),
    lyrics: fields.text(maxLyricsLength, 'cot_lyrics', 'lyrics'),
    tempoBpm: readTempo(fields, 'cot_bpm', 'bpm'),
    musicalKey: readMusicalKey(fields, 'cot_keyscale', 'keyscale'),
    timeSignature: readTimeSignature(fields, 'cot_timesignature', 'timesignature'),
    seed: fields.seed('seed'),
    guidanceScale: readGuidance(fields, 'guidance_scale'),
    inferenceSteps: fields.count('inference_steps'),
    model: fields.term('dit_model', 'model', 'config_path'),
    found: { ...Object(value), audio_codes: undefined },
  };
}

/** Whether a record is the parameters of ACE-Step 1. */
export function isAceStep1(value: unknown): boolean {
  return new Fields(value).has('infer_step', 'actual_seeds');
}

/**
 * The parameters of ACE-Step 1. It writes one record for all songs of a run, with a seed for each; a song’s number
 * ends its name. The measured times differ from run to run and so tell runs apart.
 */
export function readAceStep1({ songPath, value }: GeneratorRecord): FoundParameters {
  const fields = new Fields(value);
  const seeds = seedsOf(fields.value('actual_seeds'));
  const seconds = secondsSpent(fields.value('timecosts'));
  return {
    generator: 'ace-step-1',
    runKey:
      seconds === null
        ? null
        : runKeyOf(
            'ace-step-1',
            fields.value('timecosts'),
            seeds,
            fields.value('prompt'),
            fields.value('lyrics'),
          ),
    prompt: fields.text(maxPromptLength, 'prompt', 'edit_target_prompt'),
    lyrics: fields.text(maxLyricsLength, 'lyrics', 'edit_target_lyrics'),
    seed: seeds.length === 1 ? (seeds[0] ?? null) : (seeds[songNumber(songPath)] ?? null),
    guidanceScale: readGuidance(fields, 'guidance_scale'),
    inferenceSteps: fields.count('infer_step'),
    model: fields.term('lora_name_or_path'),
    generationSeconds: seconds === null ? null : seconds / Math.max(1, seeds.length),
    found: value,
  };
}

/** Forks write the seeds as a text with commas. */
function seedsOf(value: unknown): (string | null)[] {
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  return list.slice(0, 1000).map(seedText);
}

/** The number at the end of `output_20250604120000_3.wav`. */
function songNumber(songPath: string): number {
  return Number(/_(\d{1,4})$/.exec(parse(songPath).name)?.[1] ?? 0);
}

function secondsSpent(timeCosts: unknown): number | null {
  const fields = new Fields(timeCosts);
  const parts = ['preprocess', 'diffusion', 'latent2audio'].map((name) =>
    fields.number({ min: 0, max: 1e6 }, name),
  );
  if (parts.every((part) => part === null)) return null;
  return parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
}
