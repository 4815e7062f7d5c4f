/**
 * Encodes a fixture's waveform in fp32 and in int8 by the inference runtime in this very process, and prints what comes
 * out: for tests that start it on another processor.
 *
 *     node encode-in-process.ts <encoder> <waveform> <cache folder>
 */
import { join } from 'node:path';
import { loadEncoderSchema, runGraphSchema } from '../../src/engine/inference/inference-protocol.ts';
import { InferenceRuntime } from '../../src/engine/inference/inference-runtime.ts';
import { chooseByteWeights } from '../../src/engine/models/byte-product-probe.ts';
import { prepareEncoder } from '../../src/engine/models/prepared-encoder.ts';
import type { RunGraph } from '../../src/shared/graphs.ts';
import type { Precision } from '../../src/shared/library.ts';
import { parityFolder, readParityArray } from './parity.ts';

const [name = '', wave = '', cacheFolder = ''] = process.argv.slice(2);
const folder = join(parityFolder, 'encoders', name);
const encoder = await prepareEncoder(
  { source: 'folder', id: name, folder, weightsFiles: [join(folder, 'model.safetensors')] },
  { cacheFolder },
);
const runtime = new InferenceRuntime();
const options = { provider: 'cpu', threads: 1 };
const runGraph: RunGraph = (graph, samples) =>
  runtime.runGraph(runGraphSchema.parse({ graph, samples, options }));
const { data: samples } = readParityArray('encoders', 'waveforms', `${wave}.npy`);

async function encodeIn(precision: Precision): Promise<number[]> {
  const graph = await encoder.buildGraph({ form: 'chunked', precision }, runGraph);
  await runtime.loadEncoder(loadEncoderSchema.parse({ key: precision, graph, options }));
  return [...(await runtime.encode({ key: precision, samples, wantsHiddenState: false })).embedding];
}

const found = {
  byteWeights: await chooseByteWeights(runGraph),
  fp32: await encodeIn('fp32'),
  int8: await encodeIn('int8'),
};
process.stdout.write(JSON.stringify(found));
