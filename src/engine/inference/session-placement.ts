/** Finds out which execution provider a model's operators really ran by; lives in the inference process only. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { embeddingOutputName, encoderInputName } from '../../shared/graphs.ts';
import type { RunGraphRequest } from './inference-protocol.ts';
import { createSession, encoderSessionOptions, modelFor, requireProvider, run } from './inference-runtime.ts';
import type { Placement } from './placement-protocol.ts';

/** What is read of ONNX Runtime's profile: one event for each operator that ran, microseconds long. */
const profileSchema = z.array(
  z.object({
    cat: z.string().optional(),
    dur: z.number().optional(),
    args: z.object({ provider: z.string().optional() }).optional(),
  }),
);

/** ONNX Runtime's own provider; every other one hands it what it cannot run, without a word. */
const processorProvider = 'CPUExecutionProvider';

/**
 * Runs a graph once with ONNX Runtime's profiler on. It costs time: measure speed in another session.
 *
 * @throws BangerError `provider-unknown`, `inference-failed`
 */
export async function inspectPlacement({ graph, samples, options }: RunGraphRequest): Promise<Placement> {
  requireProvider(options.provider);
  const folder = await mkdtemp(join(tmpdir(), 'banger-profile-'));
  try {
    const session = await createSession(modelFor(graph, samples.length), {
      ...encoderSessionOptions(options, graph.weightsFolder),
      enableProfiling: true,
      profileFilePrefix: join(folder, 'run'),
    });
    try {
      const waveform = new ort.Tensor('float32', samples, [1, samples.length]);
      await run(session, { [encoderInputName]: waveform }, [embeddingOutputName]);
    } finally {
      session.endProfiling();
      await session.release();
    }
    return placementOf(await readProfile(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readProfile(folder: string): Promise<z.output<typeof profileSchema>> {
  const [file] = await readdir(folder);
  if (file === undefined) throw new BangerError('inference-failed', 'ONNX Runtime wrote no profile.');
  return profileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
}

function placementOf(events: z.output<typeof profileSchema>): Placement {
  const placement = { ownCount: 0, processorCount: 0, processorShare: 0 };
  let [ownTime, processorTime] = [0, 0];
  for (const { cat, dur = 0, args } of events) {
    if (cat !== 'Node' || args?.provider === undefined) continue;
    if (args.provider === processorProvider) {
      placement.processorCount += 1;
      processorTime += dur;
    } else {
      placement.ownCount += 1;
      ownTime += dur;
    }
  }
  const totalTime = ownTime + processorTime;
  return { ...placement, processorShare: totalTime === 0 ? 0 : processorTime / totalTime };
}
