/** A profile names each operator as often as it ran, and counts no time twice. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InferenceRuntime } from '../../../src/engine/inference/inference-runtime.ts';
import { profileGraph } from '../../../src/engine/inference/session-profile.ts';
import { encoderVariant } from '../../../src/engine/models/encoder-variant.ts';
import { linearStem } from '../../../src/engine/models/linear-products.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { parityFolder, readParityArray } from '../../support/parity.ts';

const freshFolder = useFreshFolder();

test('operators within others are told, those around them are not, and runs follow one another', async () => {
  const folder = join(parityFolder, 'encoders', 'tiny-330m-like');
  const prepared = await prepareEncoder(
    { source: 'folder', id: 'tiny', folder, weightsFiles: [join(folder, 'model.safetensors')] },
    { cacheFolder: freshFolder('cache') },
  );
  const options = { provider: 'cpu', threads: 1 };
  const runtime = new InferenceRuntime();
  const graph = await prepared.buildGraph(encoderVariant(prepared, 'cpu', 'fp32'), (probe, samples) =>
    runtime.runGraph({ graph: probe, samples, options }),
  );
  const { data: samples } = readParityArray('encoders', 'waveforms', 'w0p5.npy');

  const operators = await profileGraph({ graph, samples, options }, 2);
  const names = operators.map(({ name }) => name);
  expect(names.slice(names.length / 2)).toEqual(names.slice(0, names.length / 2));
  expect(new Set(operators.map(({ provider }) => provider))).toEqual(new Set(['CPUExecutionProvider']));
  // Feed-forward layers run in pieces, by one body that is run again and again.
  const runsOf = (name: string) => names.filter((other) => other === name).length;
  const body = operators.filter(({ name, operator }) => operator === 'BiasGelu' && runsOf(name) > 2);
  expect(body).not.toEqual([]);
  expect(names.filter((name) => name.startsWith(`${linearStem}_`) && runsOf(name) > 2)).not.toEqual([]);
  expect(operators.map(({ operator }) => operator)).not.toContain('Scan');
});
