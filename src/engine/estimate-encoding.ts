/** Estimates how long an encoder needs for a song on this machine, before it is even downloaded. */
import { referenceWindow } from '../shared/audio.ts';
import { BangerError } from '../shared/errors.ts';
import type { Engine } from './engine.ts';
import { findCatalogueEntry } from './models/catalogue.ts';
import { readEncoderConfigs } from './models/encoder-config.ts';
import { countEncoderOperations } from './models/encoder-operations.ts';
import {
  buildMatrixProductGraph,
  matrixProductOperations,
  matrixProductSamples,
} from './models/matrix-product-graph.ts';

/** Songs that are just being decoded slow the measurement down; no new ones are while it lasts. */
const timing = { sampleCount: matrixProductSamples, leastSeconds: 1, mostSeconds: 6 };

/** Share of the speed of bare matrix products that the encoder reaches (bench/encode.ts). */
const REACHED_SHARE = 0.75;

/**
 * Seconds for a song of the full window, from the speed of matrix products of the encoder's sizes, measured now.
 *
 * @throws BangerError `model-missing` for an unknown encoder, `usage` for one whose cost is not worth an estimate,
 *   `provider-unknown`, `cancelled`
 */
export async function estimateEncoding(
  engine: Engine,
  encoderId: string,
  signal?: AbortSignal,
): Promise<number> {
  const operations = await countOperations(engine, encoderId);
  const seconds = await engine.inference.timeGraph(buildMatrixProductGraph(), timing, signal);
  return operations / ((REACHED_SHARE * matrixProductOperations) / seconds);
}

async function countOperations(engine: Engine, encoderId: string): Promise<number> {
  const entry = findCatalogueEntry('encoder', encoderId);
  if (entry?.windowOperations != null) return entry.windowOperations;
  const resolved = await engine.models.resolveEncoder(encoderId);
  if (resolved.source === 'built-in') {
    throw new BangerError('usage', 'The draft takes no time worth estimating.');
  }
  const { config, preprocessor } = await readEncoderConfigs(resolved.folder);
  const samples = referenceWindow.lengthSeconds * preprocessor.sampling_rate;
  return countEncoderOperations(config, samples).total;
}
