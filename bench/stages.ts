/** Where a clip's time goes: ONNX Runtime's own profile of one run, summed up by the parts of the network. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';
import type { EncoderGraph } from '../src/shared/graphs.ts';
import { linearStem } from '../src/engine/models/linear-products.ts';
import { embeddingOutputName, encoderInputName } from '../src/shared/graphs.ts';

/** Parts of the network in the order of the clip; `moving` is all that copies values and computes none. */
export const stages = [
  'conv front end',
  'positional conv',
  'linear layers',
  'attention',
  'norms',
  'activations',
  'moving',
] as const;
export type Stage = (typeof stages)[number];

/** In the graph for processors every part has operators of its own, but for the products that are named. */
const stageOfOperator: Readonly<Record<string, Stage>> = {
  Gemm: 'conv front end',
  Conv: 'positional conv',
  MultiHeadAttention: 'attention',
  SkipLayerNormalization: 'norms',
  LayerNormalization: 'norms',
  Gelu: 'activations',
  BiasGelu: 'activations',
};

/** An operator whose time is that of the operators in its body, which the profile names too. */
const CONTAINER = 'Scan';

const profileSchema = z.array(
  z.object({
    cat: z.string(),
    name: z.string(),
    /** Microseconds. */
    dur: z.number(),
    args: z.object({ op_name: z.string().optional() }).optional(),
  }),
);

/** Seconds of each part in the second of two runs, in this process. */
export async function measureStages(
  graph: EncoderGraph,
  samples: Float32Array,
): Promise<Record<Stage, number>> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const folder = await mkdtemp(join(tmpdir(), 'banger-bench-profile-'));
  try {
    const waveform = new ort.Tensor('float32', samples, [1, samples.length]);
    const session = await ort.InferenceSession.create(graph.onnx, {
      enableCpuMemArena: true,
      enableMemPattern: false,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
      ...(graph.weightsFolder !== null && {
        extra: { session: { model_external_initializers_file_folder_path: graph.weightsFolder } },
      }),
    });
    for (let run = 0; run < 2; run++) {
      await session.run({ [encoderInputName]: waveform }, [embeddingOutputName]);
    }
    session.endProfiling();
    await session.release();
    const [file = ''] = await readdir(folder);
    return sumStages(profileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The latter half of the operators are the second run’s. */
function sumStages(events: z.infer<typeof profileSchema>): Record<Stage, number> {
  const kernels = events.filter(
    ({ cat, name, args }) => cat === 'Node' && name.endsWith('_kernel_time') && args?.op_name !== CONTAINER,
  );
  const seconds = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  for (const { name, dur, args } of kernels.slice(kernels.length / 2)) {
    const stage = name.startsWith(`${linearStem}_`) ? 'linear layers' : stageOfOperator[args?.op_name ?? ''];
    seconds[stage ?? 'moving'] += dur / 1e6;
  }
  return seconds;
}
