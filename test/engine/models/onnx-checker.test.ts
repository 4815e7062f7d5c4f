/** ONNX's own checker accepts every graph that is built here. */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildDraftEncoderGraph, buildDraftHeadGraph } from '../../../src/engine/models/draft-graph.ts';
import { readEncoderConfigs } from '../../../src/engine/models/encoder-config.ts';
import { buildHeadGraph } from '../../../src/engine/models/head-graph.ts';
import { buildMertGraph } from '../../../src/engine/models/mert-graph.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import type { EncoderVariant } from '../../../src/shared/graphs.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { parityFolder } from '../../support/parity.ts';
import { hasPythonPackage, runPython } from '../../support/python.ts';

const freshFolder = useFreshFolder();

/** Checks the structure, every operator's schema and the inferred types and shapes. */
const checkModel = `
import sys, onnx
onnx.checker.check_model(sys.argv[1], full_check=True)
print(onnx.load(sys.argv[1], load_external_data=True).graph.name)
`;

/** Lists the values whose shape is not known before the model runs. */
const listUnknownShapes = `
import json, sys, onnx
model = onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]), data_prop=True, strict_mode=True)
known = {
    value.name
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]
    if isinstance(value, onnx.TensorProto)
    or all(dim.HasField('dim_value') for dim in value.type.tensor_type.shape.dim)
}
print(json.dumps([name for node in model.graph.node for name in node.output if name not in known]))
`;

const encoders = [
  ['tiny-330m-like', 'model.safetensors'],
  ['tiny-330m-like', 'pytorch_model.bin'],
  ['tiny-95m-like-fp16', 'model.safetensors'],
  ['tiny-layernorm-bias', 'pytorch_model.bin'],
] as const;

describe.runIf(hasPythonPackage('onnx'))('the checker accepts', () => {
  test.each(encoders)('the encoder %s from %s', async (name, weights) => {
    const folder = freshFolder();
    const copy = join(folder, weights);
    await copyFile(join(parityFolder, 'encoders', name, weights), copy);
    const configs = await readEncoderConfigs(join(parityFolder, 'encoders', name));
    const { onnx, weightsFolder } = await withCheckpoint(copy, (checkpoint) =>
      buildMertGraph(configs, checkpoint),
    );
    expect(weightsFolder).toBe(folder);
    await writeFile(join(folder, 'encoder.onnx'), onnx);
    expect(await runPython(checkModel, join(folder, 'encoder.onnx'))).toContain('mert');
  });

  test.each([
    { form: 'fused', precision: 'fp32' },
    { form: 'fused', precision: 'fp16' },
    { form: 'plain', precision: 'fp32' },
    { form: 'plain', precision: 'fp16' },
    { form: 'chunked', precision: 'int8' },
  ] satisfies EncoderVariant[])('the $form form in $precision', async (variant) => {
    const folder = freshFolder();
    const weights = join(folder, 'model.safetensors');
    for (const name of ['model.safetensors', 'config.json', 'preprocessor_config.json']) {
      await copyFile(join(parityFolder, 'encoders', 'tiny-330m-like', name), join(folder, name));
    }
    const encoder = await prepareEncoder(
      { source: 'folder', id: 'tiny', folder, weightsFiles: [weights] },
      { cacheFolder: freshFolder('cache') },
    );
    // Fused attention counts as right where both halves of the answer are the same.
    const { onnx, window } = await encoder.buildGraph(variant, ({ embeddingSize }) =>
      Promise.resolve(new Float32Array(embeddingSize)),
    );
    const file = join(folder, 'encoder.onnx');
    await writeFile(file, onnx);
    expect(await runPython(checkModel, file)).toContain('mert');
    expect(Buffer.from(onnx).includes('MultiHeadAttention')).toBe(variant.form !== 'plain');
    if (variant.form !== 'plain' || window === null) {
      expect(window).toBeNull();
      return;
    }
    expect(JSON.parse(await runPython(listUnknownShapes, file))).not.toEqual([]);
    await writeFile(file, window.onnx);
    expect(await runPython(checkModel, file)).toContain('mert');
    expect(JSON.parse(await runPython(listUnknownShapes, file))).toEqual([]);
  });

  test.each([
    [
      'head/scorer_model.pt',
      () => withCheckpoint(join(parityFolder, 'head', 'scorer_model.pt'), buildHeadGraph),
    ],
    ['draft encoder', buildDraftEncoderGraph],
    ['draft head', buildDraftHeadGraph],
  ])('%s', async (name, build) => {
    const file = freshFolder('model.onnx');
    await writeFile(file, (await build()).onnx);
    expect(await runPython(checkModel, file)).toMatch(name.startsWith('draft') ? /draft/ : /head/);
  });
});
