/** Entry of the inference process: answers the engine's calls, one run at a time. */
import { setPriority } from 'node:os';
import { createBirpc } from 'birpc';
import { answer } from './answer-call.ts';
import { openEngineChannel, type EngineChannel } from './engine-channel.ts';
import type { InferenceFunctions } from './inference-protocol.ts';
import {
  encodeSchema,
  loadEncoderSchema,
  loadHeadSchema,
  prioritySchema,
  runGraphSchema,
  scoreSchema,
  timeGraphSchema,
} from './inference-protocol.ts';
import { InferenceRuntime } from './inference-runtime.ts';
import type { PlacementFunctions } from './placement-protocol.ts';
import { inspectPlacement } from './session-placement.ts';
import { trainingFunctions } from './training-functions.ts';
import type { TrainingFunctions } from './training-protocol.ts';

const runtime = new InferenceRuntime();

const functions: InferenceFunctions & PlacementFunctions & TrainingFunctions = {
  ...trainingFunctions(),
  lowerPriority: (request) => answer(prioritySchema, request, lowerPriority),
  loadEncoder: (request) => answer(loadEncoderSchema, request, (checked) => runtime.loadEncoder(checked)),
  loadHead: (request) => answer(loadHeadSchema, request, (checked) => runtime.loadHead(checked)),
  encode: (request) => answer(encodeSchema, request, (checked) => runtime.encode(checked)),
  score: (request) => answer(scoreSchema, request, (checked) => runtime.score(checked)),
  timeGraph: (request) => answer(timeGraphSchema, request, (checked) => runtime.timeGraph(checked)),
  runGraph: (request) => answer(runGraphSchema, request, (checked) => runtime.runGraph(checked)),
  inspectPlacement: (request) => answer(runGraphSchema, request, inspectPlacement),
  status: () => Promise.resolve({ ok: true, value: runtime.status() }),
};

// The engine ends this process; Ctrl-C in a terminal reaches the whole group and must not look like a crash.
process.on('SIGINT', () => undefined);

answerOver(await openEngineChannel());

function lowerPriority(priority: number): null {
  try {
    setPriority(priority);
  } catch {
    // The whole app was started with a lower priority than that.
  }
  return null;
}

/** Answers until the other side is gone: an engine that was killed cannot end anything. */
function answerOver(channel: EngineChannel): void {
  createBirpc<Record<string, never>, typeof functions>(functions, {
    post: channel.send,
    on: channel.onMessage,
  });
  channel.onClose(() => process.exit(0));
}
