/** Finds in a ComfyUI graph what made the song: the settings nearest to the node that saved it. */
import { graphOfPrompt, graphOfWorkflow, Link, type NodeGraph } from './comfyui-graph.ts';
import { Fields } from './fields.ts';
import type { FoundParameters } from './found-parameters.ts';
import {
  maxLyricsLength,
  maxPromptLength,
  readGuidance,
  readMusicalKey,
  readTempo,
  readTimeSignature,
  runKeyOf,
} from './found-parameters.ts';
import type { SongTagMap } from './song-tag-map.ts';
import { parseUntrustedJson } from './untrusted-json.ts';

const seedNames = ['seed', 'noise_seed'];

/**
 * What the `prompt` tag (else the `workflow` tag) of a song says, null where there is none.
 *
 * @throws UnreadableJson where a tag of that name does not hold JSON
 */
export function readComfyuiTags(tags: SongTagMap): FoundParameters | null {
  const { prompt, workflow } = tags;
  // Other programs keep plain words under `prompt`.
  const run =
    prompt?.trimStart().startsWith('{') === true ? readComfyuiGraph(parseUntrustedJson(prompt)) : null;
  if (run !== null || workflow?.trimStart().startsWith('{') !== true) return run;
  return readComfyuiGraph(parseUntrustedJson(workflow));
}

/** What a graph in either form says, null where the value is no graph. */
export function readComfyuiGraph(value: unknown): FoundParameters | null {
  const graph = graphOfPrompt(value) ?? graphOfWorkflow(value);
  if (graph === null) return null;
  const settings = settingsByDistance(graph);
  const fields = new Fields(...settings);
  return {
    generator: 'comfyui',
    runKey: runKeyOf('comfyui', settings.map(withoutSeeds)),
    prompt: fields.text(
      maxPromptLength,
      'tags',
      'caption',
      'text',
      'prompt',
      'style',
      'description',
      'text_g',
    ),
    lyrics: fields.text(maxLyricsLength, 'lyrics', 'lyric'),
    tempoBpm: readTempo(fields, 'bpm'),
    musicalKey: readMusicalKey(fields, 'keyscale', 'key_scale'),
    timeSignature: readTimeSignature(fields, 'timesignature', 'time_signature'),
    seed: fields.seed(...seedNames),
    guidanceScale: readGuidance(fields, 'cfg', 'guidance_scale', 'guidance', 'cfg_scale'),
    inferenceSteps: fields.count('steps', 'inference_steps', 'infer_step', 'num_inference_steps'),
    model: fields.term('ckpt_name', 'unet_name', 'model_name', 'model'),
    found: value,
  };
}

/**
 * The settings of all nodes that led to the song, nearest first, values from other nodes filled in. What only says
 * how the song should not sound is left out.
 */
function settingsByDistance(graph: NodeGraph): Record<string, unknown>[] {
  const queue = startingNodes(graph);
  const seen = new Set(queue);
  const settings: Record<string, unknown>[] = [];
  for (const id of queue) {
    const node = graph.get(id);
    if (node === undefined) continue;
    const own: Record<string, unknown> = {};
    for (const [name, input] of node.inputs) {
      if (name === 'negative') continue;
      if (!(input instanceof Link)) {
        setOwn(own, name, input);
        continue;
      }
      setOwn(own, name, plainValueOf(graph, input.nodeId));
      if (seen.has(input.nodeId)) continue;
      seen.add(input.nodeId);
      queue.push(input.nodeId);
    }
    settings.push(own);
  }
  return settings;
}

/** Sets a property whatever its name, `__proto__` included. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The nodes that save sound, else those that sample, else all. */
function startingNodes(graph: NodeGraph): string[] {
  const ofType = (pattern: RegExp) =>
    [...graph].filter(([, { type }]) => pattern.test(type)).map(([id]) => id);
  const patterns = [/save.*audio|audio.*save/i, /preview.*audio|audio.*preview/i, /sampler/i, /./];
  return patterns.map(ofType).find((ids) => ids.length > 0) ?? [];
}

/** Nodes that do nothing but hold a value name it so. */
const valueNames = ['value', 'text', 'string', 'int', 'float', 'number', 'seed', 'noise_seed', 'prompt'];

/** The value that a node holds and gives on, undefined where it computes something; follows a chain of such nodes. */
function plainValueOf(graph: NodeGraph, nodeId: string, stepsLeft = 16): unknown {
  const inputs = graph.get(nodeId)?.inputs;
  if (inputs === undefined || stepsLeft === 0) return undefined;
  const held = valueNames.map((name) => inputs.get(name)).find((value) => value !== undefined);
  if (held instanceof Link) return plainValueOf(graph, held.nodeId, stepsLeft - 1);
  const takesNothing = [...inputs.values()].every((value) => !(value instanceof Link));
  return takesNothing && typeof held !== 'object' ? held : undefined;
}

/** A run is repeated with other seeds and under other file names. */
function withoutSeeds(settings: Record<string, unknown>): [string, unknown][] {
  const varying = new Set([...seedNames, 'filename_prefix']);
  return Object.entries(settings).filter(([name]) => !varying.has(name));
}
