/** ComfyUI’s two forms of a node graph, as one: nodes with their settings and their links by name. */
import { isJsonObject, type JsonObject } from './fields.ts';

/** A link to a node’s output. */
export interface NodeLink {
  nodeId: string;
}

export interface GraphNode {
  /** The node’s class, such as `KSampler`. */
  type: string;
  /** Settings by name; a link in place of a value that another node gives. */
  inputs: ReadonlyMap<string, unknown>;
}

export type NodeGraph = ReadonlyMap<string, GraphNode>;

const maxNodes = 5000;

export class Link implements NodeLink {
  readonly nodeId: string;

  constructor(nodeId: string) {
    this.nodeId = nodeId;
  }
}

/** The graph in a `prompt` tag: what was run, node by id. Null where it is something else. */
export function graphOfPrompt(value: unknown): NodeGraph | null {
  if (!isJsonObject(value)) return null;
  const nodes = new Map<string, GraphNode>();
  for (const [id, node] of Object.entries(value).slice(0, maxNodes)) {
    if (!isJsonObject(node) || typeof node['class_type'] !== 'string') continue;
    const inputs = isJsonObject(node['inputs']) ? Object.entries(node['inputs']) : [];
    nodes.set(id, {
      type: node['class_type'],
      inputs: new Map(
        inputs.map(([name, input]) => [name, isPromptLink(input) ? new Link(String(input[0])) : input]),
      ),
    });
  }
  return nodes.size === 0 ? null : nodes;
}

/** A link is written as the other node’s id and the number of its output. */
function isPromptLink(value: unknown): value is [string | number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    (typeof value[0] === 'string' || typeof value[0] === 'number') &&
    typeof value[1] === 'number'
  );
}

/** The order of settings for nodes whose files do not name them. */
const knownWidgets: Readonly<Record<string, readonly string[]>> = {
  KSampler: ['seed', 'control_after_generate', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
  CLIPTextEncode: ['text'],
  TextEncodeAceStepAudio: ['tags', 'lyrics', 'lyrics_strength'],
  'TextEncodeAceStepAudio1.5': [
    ...['tags', 'lyrics', 'seed', 'control_after_generate', 'bpm', 'duration', 'timesignature'],
    ...['language', 'keyscale'],
  ],
  CheckpointLoaderSimple: ['ckpt_name'],
  UNETLoader: ['unet_name', 'weight_dtype'],
};

/** What ComfyUI puts behind a seed: what to do with it after a run. */
const seedControls = new Set<unknown>(['fixed', 'increment', 'decrement', 'randomize']);

/** Nodes that did not take part: muted or bypassed. */
const idleModes = new Set<unknown>([2, 4]);

/** The graph in a `workflow` tag: what the person saw. Null where it is something else. */
export function graphOfWorkflow(value: unknown): NodeGraph | null {
  if (!isJsonObject(value) || !Array.isArray(value['nodes'])) return null;
  const origins = linkOrigins(value['links']);
  const nodes = new Map<string, GraphNode>();
  for (const node of value['nodes'].slice(0, maxNodes)) {
    if (!isJsonObject(node) || typeof node['type'] !== 'string' || idleModes.has(node['mode'])) continue;
    const slots = (Array.isArray(node['inputs']) ? node['inputs'] : []).filter(isJsonObject);
    const inputs = new Map<string, unknown>(widgetsOf(node['type'], slots, node['widgets_values']));
    for (const { name, link } of slots) {
      const origin = typeof link === 'number' ? origins.get(link) : undefined;
      if (typeof name === 'string' && origin !== undefined) inputs.set(name, new Link(origin));
    }
    nodes.set(String(node['id']), { type: node['type'], inputs });
  }
  return nodes.size === 0 ? null : nodes;
}

/** Which node each link comes from: lists of link id, node id, output, node id, input, type. */
function linkOrigins(links: unknown): Map<number, string> {
  const origins = new Map<number, string>();
  if (!Array.isArray(links)) return origins;
  for (const link of links.slice(0, 10 * maxNodes) as unknown[]) {
    if (!Array.isArray(link)) continue;
    const [id, origin] = link as unknown[];
    if (typeof id === 'number' && (typeof origin === 'number' || typeof origin === 'string')) {
      origins.set(id, String(origin));
    }
  }
  return origins;
}

/** Settings with their names: as the node states them, else in the order that its class is known to have. */
function widgetsOf(type: string, slots: readonly JsonObject[], values: unknown): [string, unknown][] {
  if (isJsonObject(values)) return Object.entries(values);
  if (!Array.isArray(values)) return [];
  const named = slots.flatMap(({ widget, name }) =>
    isJsonObject(widget) && typeof name === 'string' ? [name] : [],
  );
  const known = Object.hasOwn(knownWidgets, type) ? knownWidgets[type] : undefined;
  if (known !== undefined && known.length >= named.length) {
    return known.slice(0, values.length).map((name, place) => [name, values[place] as unknown]);
  }
  const plain = values.filter((value) => !seedControls.has(value));
  return named.slice(0, plain.length).map((name, place) => [name, plain[place] as unknown]);
}
