/** An encoder’s numbers have a name that changes with its weights and settings, and only then. */
import { cp, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { CheckpointFile } from '../../../src/engine/models/checkpoint-file.ts';
import type { ResolvedEncoder } from '../../../src/engine/models/model-store.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { prepareHead, requireMatchingHead } from '../../../src/engine/models/prepared-head.ts';
import { readZipEntries } from '../../../src/engine/models/zip-archive.ts';
import type { EncoderVariant, RunGraph } from '../../../src/shared/graphs.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { maxAbsDifference, parityFolder, readParityArray } from '../../support/parity.ts';
import { makeZip } from '../../support/zip-writer.ts';

const freshFolder = useFreshFolder();
const inference = new InferenceClient();
afterAll(() => inference.close());

const reference: EncoderVariant = { form: 'chunked', precision: 'fp32' };
const cannotRun = () => Promise.reject(new Error('the reference asks nothing of the process'));

/** A copy of a tiny encoder that a test may change. */
async function copyEncoder(
  weights = 'model.safetensors',
): Promise<Extract<ResolvedEncoder, { source: 'folder' }>> {
  const folder = freshFolder('encoder');
  await cp(join(parityFolder, 'encoders', 'tiny-330m-like'), folder, { recursive: true });
  return { source: 'folder', id: 'tiny', folder, weightsFiles: [join(folder, weights)] };
}

const prepare = (resolved: ResolvedEncoder) =>
  prepareEncoder(resolved, { cacheFolder: freshFolder('cache') });

test('the name survives a copy, and a config field that changes no number', async () => {
  const resolved = await copyEncoder();
  const before = await prepare(resolved);
  const configFile = join(resolved.folder, 'config.json');
  const config = JSON.parse(await readFile(configFile, 'utf8')) as object;
  await writeFile(configFile, JSON.stringify({ ...config, mask_time_prob: 0.9 }));
  expect((await prepare(resolved)).description.sha256).toBe(before.description.sha256);
  expect(before.ignoredTensors).toEqual(['masked_spec_embed']);
});

test('the name changes with a setting that changes numbers', async () => {
  const resolved = await copyEncoder();
  const before = await prepare(resolved);
  const file = join(resolved.folder, 'preprocessor_config.json');
  const settings = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...settings, do_normalize: false }));
  expect((await prepare(resolved)).description.sha256).not.toBe(before.description.sha256);
});

test('weights that change while they are in use are noticed', async () => {
  const resolved = await copyEncoder();
  const encoder = await prepare(resolved);
  await encoder.requireUnchanged();
  const [file = ''] = resolved.weightsFiles;
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(file, bytes);
  await expect(encoder.requireUnchanged()).rejects.toMatchObject({ code: 'checkpoint-changed' });
  await expect(encoder.buildGraph(reference, cannotRun)).rejects.toMatchObject({
    code: 'checkpoint-changed',
  });
});

test('weights that were only touched are the same', async () => {
  const resolved = await copyEncoder();
  const encoder = await prepare(resolved);
  await utimes(resolved.weightsFiles[0] ?? '', new Date(), new Date());
  await encoder.requireUnchanged();
});

test('a folder without weights is refused', async () => {
  const resolved = await copyEncoder();
  await expect(prepare({ ...resolved, weightsFiles: [] })).rejects.toMatchObject({ code: 'model-missing' });
});

test('a deflated checkpoint gives the same embedding as the stored one', async () => {
  const resolved = await copyEncoder('pytorch_model.bin');
  const [file = ''] = resolved.weightsFiles;
  const bytes = await readFile(file);
  const archive = await CheckpointFile.open(file);
  const entries = await readZipEntries(archive);
  await archive.close();
  const deflated = makeZip(
    [...entries.values()].map(({ name, dataOffset, sizeBytes }) => ({
      name,
      data: bytes.subarray(dataOffset, dataOffset + sizeBytes),
      deflated: true,
    })),
  );
  expect(deflated.length).not.toBe(bytes.length);
  await writeFile(file, deflated);

  const encoder = await prepare(resolved);
  const source = {
    key: encoder.description.sha256,
    build: (runGraph: RunGraph) => encoder.buildGraph(reference, runGraph),
  };
  const { data: samples } = readParityArray('encoders', 'waveforms', 'w0p5.npy');
  const { embedding } = await inference.encode(source, samples);
  const expected = readParityArray('encoders', 'tiny-330m-like', 'expected.w0p5.embedding.npy');
  expect(maxAbsDifference(embedding, expected.data)).toBeLessThanOrEqual(2e-4);
});

describe('heads', () => {
  const headFile = (name: string) => join(parityFolder, 'encoders', name, 'head.pt');
  const prepareFile = (file: string, encoderId: string | null = null) =>
    prepareHead({ source: 'file', id: 'head', file, encoderId }, { cacheFolder: freshFolder('cache') });

  test('that fit their encoder are taken', async () => {
    const encoder = await prepare(await copyEncoder());
    requireMatchingHead(encoder.description, await prepareFile(headFile('tiny-330m-like')));
  });

  test('of another width, of the draft, or of another named encoder are refused with the reason', async () => {
    const { description } = await prepare(await copyEncoder());
    const refused = async (head: Awaited<ReturnType<typeof prepareFile>>, encoder = description) => {
      expect(() => {
        requireMatchingHead(encoder, head);
      }).toThrow(expect.objectContaining({ code: 'checkpoint-mismatch' }));
      return Promise.resolve();
    };
    await refused(await prepareFile(headFile('tiny-95m-like')));
    const draft = { source: 'built-in', id: 'draft', encoderId: 'draft' } as const;
    await refused(await prepareHead(draft, { cacheFolder: freshFolder('cache') }));
    const trainedOnDraft = await prepareFile(headFile('tiny-330m-like'), 'draft');
    expect(trainedOnDraft.description.isDraft).toBe(true);
    await refused(trainedOnDraft);
    const named = await prepareFile(headFile('tiny-330m-like'), 'mert-v1-95m');
    await refused(named, { ...description, name: 'mert-v1-330m' });
  });
});
