/** Turns an encoder that was found on disk, or the built-in one, into something that can be loaded and cached by. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { EncoderGraph, EncoderVariant, RunGraph } from '../../shared/graphs.ts';
import type { ModelDescription, Precision } from '../../shared/library.ts';
import { precisions } from '../../shared/library.ts';
import { usableForm } from './attention-probe.ts';
import { chooseByteWeights } from './byte-product-probe.ts';
import { findCatalogueEntry } from './catalogue.ts';
import type { Checkpoint } from './checkpoint.ts';
import { fingerprintFiles } from './checkpoint-fingerprint.ts';
import { prepareMappableCheckpoint } from './derived-weights.ts';
import { buildDraftEncoderGraph } from './draft-graph.ts';
import type { EncoderConfigs } from './encoder-config.ts';
import { readEncoderConfigs, receptiveFieldSamples } from './encoder-config.ts';
import type { MertGraphOptions } from './mert-graph.ts';
import { buildMertGraph } from './mert-graph.ts';
import { halveCheckpoint } from './half-checkpoint.ts';
import type { MertTensors } from './mert-tensors.ts';
import { findMertTensors } from './mert-tensors.ts';
import type { ResolvedEncoder } from './model-store.ts';
import { roundCheckpoint } from './rounded-checkpoint.ts';
import { withCheckpoint } from './with-checkpoint.ts';

export interface PrepareModelOptions {
  /** Folder for fingerprints and for weights that cannot be mapped where they lie. */
  cacheFolder: string;
  signal?: AbortSignal | undefined;
  /** Called while a checkpoint is read for its fingerprint, which is needed once. */
  onProgress?: ((progress: { bytesDone: number; bytesTotal: number }) => void) | undefined;
}

/** An encoder whose files were checked and whose numbers have a name. */
export interface PreparedEncoder {
  /** Its `sha256` covers the weights and every field of both configuration files that shapes the numbers. */
  description: ModelDescription;
  sampleRateHz: number;
  /** Fewer samples than this make no frame. */
  minimumSamples: number;
  /** What it can be run in; `fp32`, the reference, is always one. Which a provider takes is another matter. */
  precisions: readonly Precision[];
  /** Tensors in the checkpoint that the network does not use. */
  ignoredTensors: readonly string[];
  /** @throws BangerError `checkpoint-changed` where the files are no longer those that were prepared */
  requireUnchanged: () => Promise<void>;
  /**
   * Builds the graph for the inference process; the files are checked again first.
   *
   * @param runGraph runs a small graph where the encoder will run, where a precision has to ask something there
   * @param variant of a precision that the encoder has
   */
  buildGraph: (variant: EncoderVariant, runGraph: RunGraph) => Promise<EncoderGraph>;
}

/**
 * Checks an encoder's files and gives its numbers a name.
 *
 * @throws BangerError `model-missing`, `model-unsupported`, `checkpoint-corrupt`, `checkpoint-refused`,
 *   `checkpoint-mismatch`, `file-unreadable`, `disk-full`, `cancelled`
 */
export async function prepareEncoder(
  resolved: ResolvedEncoder,
  options: PrepareModelOptions,
): Promise<PreparedEncoder> {
  return resolved.source === 'built-in' ? prepareDraftEncoder(resolved.id) : prepareMert(resolved, options);
}

function prepareDraftEncoder(id: string): PreparedEncoder {
  const graph = buildDraftEncoderGraph();
  return {
    description: {
      name: id,
      label: findCatalogueEntry('encoder', id)?.title ?? id,
      sha256: sha256Of(graph.onnx),
      embeddingSize: graph.embeddingSize,
      isDraft: true,
    },
    sampleRateHz: graph.sampleRateHz,
    minimumSamples: graph.minimumSamples,
    precisions: ['fp32'],
    ignoredTensors: [],
    requireUnchanged: () => Promise.resolve(),
    buildGraph: () => Promise.resolve(graph),
  };
}

async function prepareMert(
  resolved: Extract<ResolvedEncoder, { source: 'folder' }>,
  options: PrepareModelOptions,
): Promise<PreparedEncoder> {
  const weightsFile = resolved.weightsFiles[0];
  if (weightsFile === undefined) {
    throw new BangerError('model-missing', 'The folder holds no model weights.', {
      file: resolved.folder,
      nextStep: 'Put model.safetensors or pytorch_model.bin beside config.json.',
    });
  }
  const configs = await readEncoderConfigs(resolved.folder);
  const indexPath = join(options.cacheFolder, 'fingerprints.json');
  const inspect = async (onProgress?: PrepareModelOptions['onProgress']) =>
    withCheckpoint(weightsFile, async (checkpoint) => {
      const tensors = findMertTensors(configs.config, checkpoint);
      const files = await fingerprintFiles(checkpoint.files, {
        indexPath,
        signal: options.signal,
        onProgress,
      });
      return { tensors, sha256: encoderSha256(configs, files) };
    });

  const { tensors, sha256 } = await inspect(options.onProgress);
  const requireUnchanged = async () => {
    if ((await inspect()).sha256 === sha256) return;
    throw new BangerError('checkpoint-changed', 'The encoder’s weights changed while they were in use.', {
      file: weightsFile,
      nextStep: 'Start again; songs will be scored with the new weights from then on.',
    });
  };
  return {
    description: {
      name: resolved.id,
      label: findCatalogueEntry('encoder', resolved.id)?.title ?? resolved.id,
      sha256,
      embeddingSize: configs.config.hidden_size,
      isDraft: false,
    },
    sampleRateHz: configs.preprocessor.sampling_rate,
    minimumSamples: receptiveFieldSamples(configs.config),
    precisions,
    ignoredTensors: tensors.ignored,
    requireUnchanged,
    buildGraph: async (variant, runGraph) => {
      await requireUnchanged();
      return withCheckpoint(weightsFile, async (checkpoint) => {
        const written = await writeVariant(checkpoint, variant, {
          configs,
          tensors,
          runGraph,
        });
        const mappable = await prepareMappableCheckpoint(written.checkpoint, written.needed, {
          cacheFolder: weightsFolder(options.cacheFolder),
          contentKey: sha256 + written.keySuffix,
          signal: options.signal,
        });
        try {
          return await buildMertGraph(configs, mappable, written.options);
        } finally {
          if (mappable !== written.checkpoint) await mappable.close();
        }
      });
    },
  };
}

/** A checkpoint as a variant of the graph needs it. Its contents have a name of their own where they differ. */
interface VariantCheckpoint {
  checkpoint: Checkpoint;
  /** Names of the tensors that the graph reads. */
  needed: string[];
  keySuffix: string;
  options: MertGraphOptions;
}

async function writeVariant(
  checkpoint: Checkpoint,
  { form, precision }: EncoderVariant,
  { configs, tensors, runGraph }: { configs: EncoderConfigs; tensors: MertTensors; runGraph: RunGraph },
): Promise<VariantCheckpoint> {
  const { config } = configs;
  const { prefix, needed } = tensors;
  if (precision === 'int8') {
    const kept = await chooseByteWeights(runGraph);
    const rounded = roundCheckpoint(checkpoint, { config, prefix, kept });
    return {
      checkpoint: rounded,
      needed: findMertTensors(config, rounded, 'rounded').needed,
      keySuffix: `-int8-${kept}`,
      options: { form: 'chunked', computeType: 'F32', layout: 'rounded' },
    };
  }
  if (precision === 'fp16') {
    const halved = halveCheckpoint(checkpoint, { config, prefix });
    return {
      checkpoint: halved,
      needed,
      keySuffix: '-fp16',
      options: { form: await usableForm(form, runGraph, config, 'F16'), computeType: 'F16' },
    };
  }
  const usable = await usableForm(form, runGraph, config, 'F32');
  return { checkpoint, needed, keySuffix: '', options: { form: usable, computeType: 'F32' } };
}

/** Where converted weights lie below the cache folder. */
export function weightsFolder(cacheFolder: string): string {
  return join(cacheFolder, 'weights');
}

/** One name for all that decides an encoder's numbers. */
function encoderSha256(configs: EncoderConfigs, files: readonly { sha256: string }[]): string {
  const weights = files.map((file) => file.sha256).sort();
  return sha256Of(JSON.stringify({ weights, ...configs }));
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
