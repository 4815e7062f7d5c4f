/** Runs a graph with ONNX Runtime's profiler on and reads what it wrote; lives in the inference process only. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { withGraph, type GraphRun } from './inference-runtime.ts';

/** One run of one operator. */
export interface ProfiledOperator {
  /** The operator's name in the graph. */
  name: string;
  /** What it does, such as `Gemm`. */
  operator: string;
  /** ONNX Runtime's long name of the execution provider, such as `CPUExecutionProvider`. */
  provider: string;
  microseconds: number;
}

/** What is read of the profile. Besides operators it tells of sessions, of memory and of what a provider adds. */
const profileSchema = z.array(
  z.object({
    cat: z.string().optional(),
    name: z.string().optional(),
    dur: z.number().optional(),
    args: z.object({ op_name: z.string().optional(), provider: z.string().optional() }).optional(),
  }),
);

/** How the name of an event ends that is an operator's run. */
const RUN_SUFFIX = '_kernel_time';

/** An operator whose time is that of the operators in its body, which the profile names too. */
const CONTAINER = 'Scan';

/**
 * Runs a graph in a session of its own, which costs time: measure speed in another one.
 *
 * @returns the operators of all runs in the order in which they ended, each as often as it ran; those that only run
 *   others are left out
 * @throws BangerError `provider-unknown`, `inference-failed`
 */
export async function profileGraph(request: GraphRun, runCount = 1): Promise<ProfiledOperator[]> {
  const folder = await mkdtemp(join(tmpdir(), 'banger-profile-'));
  try {
    const profiling = { enableProfiling: true, profileFilePrefix: join(folder, 'run') };
    await withGraph({ ...request, profiling }, async (runOnce, session) => {
      try {
        for (let run = 0; run < runCount; run++) await runOnce();
      } finally {
        session.endProfiling();
      }
    });
    return await readProfile(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readProfile(folder: string): Promise<ProfiledOperator[]> {
  const [file] = await readdir(folder);
  if (file === undefined) throw new BangerError('inference-failed', 'ONNX Runtime wrote no profile.');
  const events = profileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  return events.flatMap(({ cat, name = '', dur = 0, args: { op_name: operator, provider } = {} }) => {
    if (cat !== 'Node' || !name.endsWith(RUN_SUFFIX)) return [];
    if (operator === undefined || provider === undefined || operator === CONTAINER) return [];
    return { name: name.slice(0, -RUN_SUFFIX.length), operator, provider, microseconds: dur };
  });
}
