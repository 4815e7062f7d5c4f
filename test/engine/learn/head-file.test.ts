/** Heads are written so that PyTorch and this product read the same numbers, their model card inside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { exportHead, writeHead } from '../../../src/engine/learn/head-file.ts';
import { initialHead } from '../../../src/engine/learn/initial-head.ts';
import { buildHeadGraph } from '../../../src/engine/models/head-graph.ts';
import { readHeadCard } from '../../../src/engine/models/head-card-file.ts';
import { openCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { maxAbsDifference, parityFolder, readParityArray } from '../../support/parity.ts';
import { hasPythonPackage, runPython } from '../../support/python.ts';
import { sampleHeadCard } from '../../support/sample-head-card.ts';
import { readHeadTensors } from '../../support/trained-heads.ts';

const inFolder = useFreshFolder();
const inference = new InferenceClient();
afterAll(() => inference.close());

const shape = { inputSize: 12, widths: [8, 4] };
const tensors = initialHead(shape, 11);
const card = sampleHeadCard;

describe.each(['head.pt', 'head.safetensors'])('%s', (name) => {
  test('gives tensors and card back', async () => {
    const file = inFolder(name);
    await writeHead(file, shape, tensors, 77, card);
    expect(await readHeadTensors(file)).toEqual(tensors);
    expect(await readHeadCard(file)).toEqual(card);
    const checkpoint = await openCheckpoint(file);
    try {
      expect(checkpoint.format).toBe(name === 'head.pt' ? 'torch' : 'safetensors');
      const counter = await checkpoint.tensors.get('net.1.num_batches_tracked')?.readBytes();
      expect(new BigInt64Array(counter?.buffer ?? new ArrayBuffer())).toEqual(BigInt64Array.of(77n));
      expect(checkpoint.tensors.size).toBe(2 * 3 + 2 * 5);
    } finally {
      await checkpoint.close();
    }
  });

  test('becomes the other form and back without a change', async () => {
    await writeHead(inFolder(name), shape, tensors, 77, card);
    const other = name.endsWith('.pt') ? 'other.safetensors' : 'other.pt';
    await exportHead(inFolder(name), inFolder(other));
    await exportHead(inFolder(other), inFolder(`again-${name}`));
    expect(readFileSync(inFolder(`again-${name}`))).toEqual(readFileSync(inFolder(name)));
  });
});

test('a head of another program has no card, and goes through the writer whole', async () => {
  const original = join(parityFolder, 'head', 'scorer_model.pt');
  expect(await readHeadCard(original)).toBeNull();
  await exportHead(original, inFolder('copy.pt'));
  expect(await readHeadTensors(inFolder('copy.pt'))).toEqual(await readHeadTensors(original));
  const graph = await withCheckpoint(inFolder('copy.pt'), buildHeadGraph);
  const source = { key: 'copy', build: () => Promise.resolve(graph) };
  const scores = await inference.score(source, readParityArray('head', 'embeddings.npy').data);
  expect(maxAbsDifference(scores, readParityArray('head', 'expected.raw_scores.npy').data)).toBeLessThan(
    1e-3,
  );
});

test('another ending is refused', async () => {
  await expect(writeHead(inFolder('head.bin'), shape, tensors, 0, card)).rejects.toMatchObject({
    code: 'usage',
  });
});

const loadInPyTorch = `
import sys, torch
net = torch.nn.Sequential(torch.nn.Linear(12, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Dropout(0.3),
    torch.nn.Linear(8, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(4, 1))
class Scorer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = net
scorer = Scorer()
state = torch.load(sys.argv[1], weights_only=True)
scorer.load_state_dict(state, strict=True)
assert list(state) == list(scorer.state_dict()), list(state)
assert int(state['net.1.num_batches_tracked']) == 77
mapped = torch.load(sys.argv[1], weights_only=True, mmap=True)
assert all(torch.equal(mapped[name], state[name]) for name in state)
scorer.eval()
print(scorer.net(torch.arange(12.0)[None] / 12).item())
torch.save(scorer.state_dict(), sys.argv[2])
`;

test.runIf(hasPythonPackage('torch'))(
  'PyTorch loads it with weights_only=True, and gives it back',
  async () => {
    const file = inFolder('head.pt');
    await writeHead(file, shape, tensors, 77, card);
    const printed = Number(await runPython(loadInPyTorch, file, inFolder('saved.pt')));
    expect(await readHeadTensors(inFolder('saved.pt'))).toEqual(tensors);
    const graph = await withCheckpoint(file, buildHeadGraph);
    const source = { key: 'pt', build: () => Promise.resolve(graph) };
    const [score] = await inference.score(
      source,
      Float32Array.from({ length: 12 }, (_, index) => index / 12),
    );
    expect(Math.abs((score ?? NaN) - printed)).toBeLessThan(1e-5);
  },
);
