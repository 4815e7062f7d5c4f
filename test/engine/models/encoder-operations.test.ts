/** What the catalogue states of an encoder's cost follows from its network. */
import { expect, test } from 'vitest';
import { catalogue } from '../../../src/engine/models/catalogue.ts';
import { encoderConfigSchema } from '../../../src/engine/models/encoder-config.ts';
import { countEncoderOperations } from '../../../src/engine/models/encoder-operations.ts';

/** The fields of each published configuration that differ from the defaults. */
const configs: Record<string, object> = {
  'mert-v1-330m': {
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    intermediate_size: 4096,
  },
  'mert-v1-95m': {},
};

test('the operations of a window are those of its network', () => {
  for (const entry of catalogue) {
    if (entry.kind !== 'encoder' || entry.source === null) continue;
    const config = encoderConfigSchema.parse({ model_type: 'mert_model', ...configs[entry.id] });
    expect(config.hidden_size).toBe(entry.hiddenSize);
    const { total, frames } = countEncoderOperations(config, 30 * 24_000);
    expect(frames).toBe(2249);
    expect((entry.windowOperations ?? 0) / total).toBeCloseTo(1, 3);
  }
});
