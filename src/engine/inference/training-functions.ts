/** Answers the calls about training: one head at a time, from `openTraining` to the next or to the end of the process. */
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { answer } from './answer-call.ts';
import {
  addTrainingSongsSchema,
  openTrainingSchema,
  predictSchema,
  trainEpochSchema,
  type TrainingFunctions,
} from './training-protocol.ts';
import { TrainingRuntime } from './training-runtime.ts';

const nothing = z.unknown();

export function trainingFunctions(): TrainingFunctions {
  let open: TrainingRuntime | null = null;
  const training = (): TrainingRuntime => {
    if (open === null) throw new BangerError('internal', 'No training is open.');
    return open;
  };
  return {
    openTraining: (request) =>
      answer(openTrainingSchema, request, async (checked) => {
        await open?.release();
        open = null;
        open = await TrainingRuntime.open(checked);
        return null;
      }),
    addTrainingSongs: (request) =>
      answer(addTrainingSongsSchema, request, (checked) => {
        training().addSongs(checked);
        return null;
      }),
    trainEpoch: (request) => answer(trainEpochSchema, request, (checked) => training().trainEpoch(checked)),
    predictTrained: (request) => answer(predictSchema, request, (checked) => training().predict(checked)),
    readTraining: (request) => answer(nothing, request, () => training().read()),
  };
}
