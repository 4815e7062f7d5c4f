/** Reads parameters in the form that most programs share: one flat object with the usual names. */
import { Fields, isJsonObject } from './fields.ts';
import type { FoundParameters } from './found-parameters.ts';
import {
  maxLyricsLength,
  maxPromptLength,
  readGuidance,
  readMusicalKey,
  readTempo,
  readTimeSignature,
} from './found-parameters.ts';

/** Names under which programs put the parameters one level down. */
const nests = [
  'params',
  'parameters',
  'generation_params',
  'settings',
  'config',
  'input',
  'request',
  'metadata',
];

/** MusicGen’s programs name it, or use a name for guidance that nobody else does. */
function isMusicGen(fields: Fields): boolean {
  return (
    fields.has('cfg_coef', '_audiocraft_version') ||
    [fields.term('_type'), fields.term('model', 'model_name', 'model_id')].some((name) =>
      /musicgen|audiocraft|melodyflow|magnet/i.test(name ?? ''),
    )
  );
}

/** The parameters of the first of several objects that has them, each looked into one level deep. */
export function readCommonParameters(...values: readonly unknown[]): FoundParameters {
  const objects = values.filter(isJsonObject);
  const fields = new Fields(
    ...objects.flatMap((object) => [object, ...nests.map((name) => nested(object, name))]),
  );
  return {
    generator: isMusicGen(fields) ? 'musicgen' : 'other',
    prompt: fields.text(
      maxPromptLength,
      ...['prompt', 'caption', 'description', 'text', 'text_prompt', 'style', 'tags'],
    ),
    lyrics: fields.text(maxLyricsLength, 'lyrics', 'lyric'),
    tempoBpm: readTempo(fields, 'bpm', 'tempo_bpm', 'tempo'),
    musicalKey: readMusicalKey(fields, 'key', 'keyscale', 'key_scale', 'musical_key'),
    timeSignature: readTimeSignature(fields, 'timesignature', 'time_signature', 'meter'),
    seed: fields.seed('seed', 'actual_seed', 'manual_seed', 'noise_seed'),
    guidanceScale: readGuidance(
      fields,
      ...['guidance_scale', 'cfg_coef', 'cfg_scale', 'cfg_strength', 'cfg', 'guidance'],
    ),
    inferenceSteps: fields.count(
      ...[
        'inference_steps',
        'num_inference_steps',
        'infer_step',
        'infer_steps',
        'num_diffusion_steps',
        'steps',
      ],
    ),
    model: fields.term('model', 'model_name', 'model_id', 'model_version', 'checkpoint'),
    generationSeconds: fields.number(
      { min: 0, max: 1e7 },
      ...['gen_time', 'generation_time', 'generation_seconds', 'generation_time_seconds'],
    ),
    found: objects.length === 1 ? objects[0] : Object.assign({}, ...objects.toReversed().map(plainMembers)),
  };
}

function nested(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** What an object says of itself, without what it says of other songs. */
function plainMembers(object: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !Array.isArray(value)));
}
