/** WebGPU gives the reference's numbers, on a graphics card in software, through the real inference process. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { usableForm } from '../../../src/engine/models/attention-probe.ts';
import { encoderVariant } from '../../../src/engine/models/encoder-variant.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import type { GraphForm } from '../../../src/shared/graphs.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { cosineSimilarity, maxAbsDifference, parityFolder, readParityArray } from '../../support/parity.ts';
import { useSoftwareVulkan } from '../../support/software-vulkan.ts';

const freshFolder = useFreshFolder();
const hasWebGpu = useSoftwareVulkan();

const clients: InferenceClient[] = [];
const clientOf = (provider: string) => {
  const client = new InferenceClient({ provider });
  clients.push(client);
  return client;
};
afterAll(() => Promise.all(clients.map((client) => client.close())));

describe.runIf(hasWebGpu)('on webgpu', () => {
  test.each([
    { folder: 'tiny-330m-like', weights: 'model.safetensors', waves: ['w0p5', 'w3', 'w7p3'] },
    { folder: 'tiny-95m-like', weights: 'model.safetensors', waves: ['w0p5', 'w3'] },
    { folder: 'tiny-layernorm-bias', weights: 'pytorch_model.bin', waves: ['w0p5', 'w3'] },
  ])('$folder gives the embeddings and hidden states', async ({ folder, weights, waves }) => {
    const path = join(parityFolder, 'encoders', folder);
    const prepared = await prepareEncoder(
      { source: 'folder', id: folder, folder: path, weightsFiles: [join(path, weights)] },
      { cacheFolder: freshFolder('cache') },
    );
    const variant = encoderVariant(prepared, 'webgpu', 'fp32');
    const encoder = {
      key: folder,
      build: (runGraph: Parameters<typeof prepared.buildGraph>[1]) => prepared.buildGraph(variant, runGraph),
    };
    const inference = clientOf('webgpu');
    for (const wave of waves) {
      const { data } = readParityArray('encoders', 'waveforms', `${wave}.npy`);
      const { embedding, hiddenState } = await inference.encode(encoder, data, { wantsHiddenState: true });
      const { data: expected } = readParityArray('encoders', folder, `expected.${wave}.embedding.npy`);
      expect(maxAbsDifference(embedding, expected)).toBeLessThanOrEqual(2e-4);
      expect(cosineSimilarity(embedding, expected)).toBeGreaterThanOrEqual(0.99999);
      if (wave === 'w7p3') continue;
      const states = readParityArray('encoders', folder, `expected.${wave}.last_hidden_state.npy`);
      expect(maxAbsDifference(hiddenState ?? new Float32Array(), states.data)).toBeLessThanOrEqual(2e-3);
    }
  });

  test('operators really run there', async () => {
    const folder = join(parityFolder, 'encoders', 'tiny-95m-like');
    const prepared = await prepareEncoder(
      { source: 'folder', id: 'tiny', folder, weightsFiles: [join(folder, 'model.safetensors')] },
      { cacheFolder: freshFolder('cache') },
    );
    const { data } = readParityArray('encoders', 'waveforms', 'w0p5.npy');
    const placementBy = (provider: string) =>
      clientOf(provider).inspectPlacement(
        {
          key: 'tiny',
          build: (runGraph) => prepared.buildGraph(encoderVariant(prepared, provider, 'fp32'), runGraph),
        },
        { clip: data, shortSamples: data.length },
      );
    const { ownCount, processorShare } = await placementBy('webgpu');
    expect(ownCount).toBeGreaterThan(50);
    expect(processorShare).toBeLessThan(0.5);
    expect(await placementBy('cpu')).toMatchObject({ ownCount: 0, processorShare: 1 });
  });
});

/** The form that a provider's own process is found to be good for. */
async function formBy(provider: string): Promise<GraphForm> {
  let found: GraphForm | undefined;
  const probe = clientOf(provider).load({
    key: 'probe',
    build: async (runGraph) => {
      found = await usableForm('fused', runGraph, { hidden_size: 64, num_attention_heads: 4 }, 'F32');
      throw new Error('asked');
    },
  });
  await expect(probe).rejects.toThrow('asked');
  return found ?? 'chunked';
}

test('fused attention that is right is used', async () => {
  expect(await formBy('cpu')).toBe('fused');
});

test.runIf(hasWebGpu)('fused attention that reads past its group of registers is not', async () => {
  expect(await formBy('webgpu')).toBe('plain');
});
