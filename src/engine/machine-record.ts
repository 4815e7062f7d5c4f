/** What a calibration depends on besides the encoder, and what has changed since one was made. */
import { availableParallelism, cpus } from 'node:os';
import type { Calibration, MachineRecord } from '../shared/calibration.ts';
import { readGraphicsDrivers } from './graphics-drivers.ts';

export async function readMachine(): Promise<MachineRecord> {
  return {
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processorCount: availableParallelism(),
    drivers: await readGraphicsDrivers(),
  };
}

/** What a calibration would be made with now. */
export interface CalibrationGround {
  encoderSha256: string;
  runtimeVersion: string;
  machine: MachineRecord;
}

/** Why a calibration says little about today, one sentence; null where nothing has changed. */
export function staleReason(
  { encoder, runtimeVersion, machine }: Calibration,
  now: CalibrationGround,
): string | null {
  if (encoder.sha256 !== now.encoderSha256) return 'The encoder’s weights have changed since.';
  if (
    machine.platform !== now.machine.platform ||
    machine.processor !== now.machine.processor ||
    machine.processorCount !== now.machine.processorCount
  ) {
    return `It was measured on another machine (${machine.processor}, ${machine.processorCount} threads).`;
  }
  if (runtimeVersion !== now.runtimeVersion) {
    return `ONNX Runtime has changed since, from ${runtimeVersion} to ${now.runtimeVersion}.`;
  }
  if (machine.drivers.join('\n') !== now.machine.drivers.join('\n')) {
    return 'A graphics card or its driver has changed since.';
  }
  return null;
}
