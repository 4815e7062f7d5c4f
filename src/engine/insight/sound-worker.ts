/** Entry of a thread that measures tempo and key, one clip after another. */
import { parentPort } from 'node:worker_threads';
import { asBangerError } from '../../shared/errors.ts';
import { measureSound } from './measure-sound.ts';
import type { SoundAnswer } from './sound-meter.ts';
import { soundTaskSchema } from './sound-meter.ts';

function answer(message: unknown): SoundAnswer {
  const { id, samples, sampleRateHz } = soundTaskSchema.parse(message);
  try {
    return { id, ok: true, value: measureSound(samples, sampleRateHz) };
  } catch (thrown) {
    return { id, ok: false, error: asBangerError(thrown).toRecord() };
  }
}

parentPort?.on('message', (message: unknown) => {
  parentPort?.postMessage(answer(message));
});
