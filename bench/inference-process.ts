/** The inference process as it is shipped: built, without what reading TypeScript takes of its memory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as inferenceChannel from '../src/engine/inference/inference-channel.ts';
import type { LaunchInference } from '../src/engine/inference/inference-channel.ts';
import { launchInferenceProcess } from '../src/engine/inference/inference-channel.ts';

const built = join(import.meta.dirname, '..', 'dist', 'engine', 'inference', 'inference-channel.js');

/** Whether the product is built; otherwise benches measure the process from its sources. */
export const isBuilt = existsSync(built);

/** What starts the processes that are measured: the built one where it exists (`npm run build`). */
export async function findInferenceLauncher(): Promise<LaunchInference> {
  if (!isBuilt) return launchInferenceProcess;
  const channel = (await import(built)) as typeof inferenceChannel;
  return channel.launchInferenceProcess;
}
