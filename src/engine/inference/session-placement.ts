/** Finds out which execution provider a model's operators really ran by; lives in the inference process only. */
import type { RunGraphRequest } from './inference-protocol.ts';
import type { Placement } from './placement-protocol.ts';
import { profileGraph, type ProfiledOperator } from './session-profile.ts';

/** ONNX Runtime's own provider; every other one hands it what it cannot run, without a word. */
const processorProvider = 'CPUExecutionProvider';

/**
 * Runs a graph once and looks where its operators ran.
 *
 * @throws BangerError `provider-unknown`, `inference-failed`
 */
export async function inspectPlacement(request: RunGraphRequest): Promise<Placement> {
  const operators = await profileGraph(request);
  const onProcessor = operators.filter(({ provider }) => provider === processorProvider);
  const totalTime = timeOf(operators);
  return {
    ownCount: operators.length - onProcessor.length,
    processorCount: onProcessor.length,
    processorShare: totalTime === 0 ? 0 : timeOf(onProcessor) / totalTime,
  };
}

function timeOf(operators: readonly ProfiledOperator[]): number {
  return operators.reduce((sum, { microseconds }) => sum + microseconds, 0);
}
