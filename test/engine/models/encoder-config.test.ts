/** Encoders that the graph cannot express are refused by name, and configurations that are no configuration at all. */
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEncoderConfigs, receptiveFieldSamples } from '../../../src/engine/models/encoder-config.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { readParityObject } from '../../support/parity.ts';

const freshFolder = useFreshFolder();
const tinyConfig = readParityObject('encoders', 'tiny-330m-like', 'config.json');
const tinyPreprocessor = readParityObject('encoders', 'tiny-330m-like', 'preprocessor_config.json');

async function readChanged(config: object, preprocessor: object = {}) {
  await writeFile(freshFolder('config.json'), JSON.stringify({ ...tinyConfig, ...config }));
  await writeFile(
    freshFolder('preprocessor_config.json'),
    JSON.stringify({ ...tinyPreprocessor, ...preprocessor }),
  );
  return readEncoderConfigs(freshFolder());
}

test('MERT needs 400 samples for its first frame', async () => {
  const { config } = await readChanged({});
  expect(receptiveFieldSamples(config)).toBe(400);
});

test('fields that are left out have transformers’ defaults', async () => {
  await writeFile(freshFolder('config.json'), JSON.stringify({ model_type: 'hubert' }));
  await writeFile(freshFolder('preprocessor_config.json'), '{}');
  const { config, preprocessor } = await readEncoderConfigs(freshFolder());
  expect(config).toMatchObject({ hidden_size: 768, num_hidden_layers: 12, feat_proj_layer_norm: true });
  expect(preprocessor).toMatchObject({ do_normalize: true, sampling_rate: 16_000 });
});

describe('refused by name', () => {
  test.each([
    [{ model_type: 'wav2vec2' }, 'wav2vec2'],
    [{ feature_extractor_cqt: true }, 'feature_extractor_cqt'],
    [{ deepnorm: true }, 'deepnorm'],
    [{ conv_pos_batch_norm: true }, 'conv_pos_batch_norm'],
    [{ hidden_act: 'relu' }, 'hidden_act'],
    [{ feat_extract_activation: 'swish' }, 'feat_extract_activation'],
    [{ feat_extract_norm: 'batch' }, 'feat_extract_norm'],
    [{ conv_stride: [5, 2] }, 'conv_stride'],
    [{ num_attention_heads: 7 }, 'num_attention_heads'],
    [{ num_conv_pos_embedding_groups: 7 }, 'num_conv_pos_embedding_groups'],
  ])('%j', async (change, name) => {
    await expect(readChanged(change)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining(name) as string,
    });
  });

  test('a preprocessor for more than one channel', async () => {
    await expect(readChanged({}, { feature_size: 2 })).rejects.toMatchObject({ code: 'model-unsupported' });
  });
});

describe('not a configuration', () => {
  test('a missing file', async () => {
    await expect(readEncoderConfigs(freshFolder())).rejects.toMatchObject({ code: 'model-missing' });
  });

  test.each([{ hidden_size: -1 }, { hidden_size: 1e300 }, { conv_dim: [] }, { layer_norm_eps: 'small' }])(
    '%j',
    async (change) => {
      await expect(readChanged(change)).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    },
  );

  test('any bytes give a configuration or a typed error', async () => {
    await writeFile(freshFolder('preprocessor_config.json'), '{}');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        await writeFile(freshFolder('config.json'), text);
        const outcome = await readEncoderConfigs(freshFolder()).catch((error: unknown) => error);
        expect(outcome instanceof BangerError || typeof outcome === 'object').toBe(true);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(BangerError);
      }),
    );
  });

  test('a file that is far too large is not read', async () => {
    await writeFile(freshFolder('config.json'), `{"model_type": "${'x'.repeat(17 * 2 ** 20)}"}`);
    await expect(readEncoderConfigs(freshFolder())).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
  });
});
