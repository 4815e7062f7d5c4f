/** Answers the commands about calibration for the encoder in use; one calibration is under way at a time. */
import type { CalibrationProgress } from '../shared/calibration.ts';
import type { calibrationCommands, calibrationEvents } from '../shared/calibration-commands.ts';
import type { CommandHandlers, EmitEvent } from '../shared/contract.ts';
import { BangerError } from '../shared/errors.ts';
import { calibrateEncoder, recallCalibration } from './calibrate-encoder.ts';
import { cudaHint } from './cuda-hint.ts';
import type { Engine } from './engine.ts';
import type { PreparedEncoder } from './models/prepared-encoder.ts';

export interface CalibrationHandlersOptions {
  engine: Engine;
  /** Null while nothing can be scored. */
  encoderInUse: () => PreparedEncoder | null;
  emit: EmitEvent<typeof calibrationEvents>;
  /** Keeps other processes with models away while some work lasts. */
  alone: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

export function calibrationHandlers({
  engine,
  encoderInUse,
  emit,
  alone,
}: CalibrationHandlersOptions): CommandHandlers<typeof calibrationCommands> {
  let progress: CalibrationProgress | null = null;
  const tell = (payload: CalibrationProgress | null) => {
    progress = payload;
    emit({ name: 'calibration-progressed', payload });
  };
  return {
    'get-calibration': async () => {
      const encoder = encoderInUse();
      if (encoder === null) return { calibration: null, staleBecause: null, progress, hint: cudaHint() };
      const known = await recallCalibration(engine, encoder);
      return { ...known, progress };
    },
    'calibrate-providers': async (_request, { signal }) => {
      if (progress !== null) throw new BangerError('usage', 'It is being measured already.');
      // Told before anything is waited for: a second request must find it.
      tell({ provider: 'cpu', precision: 'fp32', doneCount: 0, totalCount: 1 });
      try {
        const encoder = encoderInUse() ?? (await engine.chooseModels({}, { signal })).encoder;
        return await alone(() => calibrateEncoder(engine, encoder, { signal, onProgress: tell }));
      } finally {
        tell(null);
      }
    },
  };
}
