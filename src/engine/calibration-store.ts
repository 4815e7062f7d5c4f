/** Remembers calibrations in the cache folder, the newest first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Calibration } from '../shared/calibration.ts';
import { calibrationSchema } from '../shared/calibration.ts';
import { isMissingFile } from '../shared/system-errors.ts';
import { writeAtomically } from './models/atomic-file.ts';

const storedSchema = z.object({ version: z.literal(1), calibrations: z.array(calibrationSchema) });

/** One for each encoder and machine; the folder may be shared by a few machines. */
const MOST_CALIBRATIONS = 20;

export interface StoredCalibrations {
  calibrations: Calibration[];
  /** Whether there was a file that says nothing. */
  isDamaged: boolean;
}

export function calibrationsFile(cacheFolder: string): string {
  return join(cacheFolder, 'calibrations.json');
}

/** A file that cannot be used counts as none: everything in it can be measured again. */
export async function readCalibrations(cacheFolder: string): Promise<StoredCalibrations> {
  let text: string;
  try {
    text = await readFile(calibrationsFile(cacheFolder), 'utf8');
  } catch (thrown) {
    return { calibrations: [], isDamaged: !isMissingFile(thrown) };
  }
  try {
    return { calibrations: storedSchema.parse(JSON.parse(text)).calibrations, isDamaged: false };
  } catch {
    return { calibrations: [], isDamaged: true };
  }
}

/**
 * Puts a calibration in the place of the same encoder's on the same machine.
 *
 * @throws BangerError `disk-full`, `file-unwritable`
 */
export async function rememberCalibration(cacheFolder: string, calibration: Calibration): Promise<void> {
  const { calibrations } = await readCalibrations(cacheFolder);
  const others = calibrations.filter((other) => placeOf(other) !== placeOf(calibration));
  await writeCalibrations(cacheFolder, [calibration, ...others].slice(0, MOST_CALIBRATIONS));
}

/**
 * Finds out before minutes of measuring whether the outcome can be kept, by writing what is there once more.
 *
 * @throws BangerError `disk-full`, `file-unwritable`
 */
export async function requireWritableStore(cacheFolder: string): Promise<void> {
  await writeCalibrations(cacheFolder, (await readCalibrations(cacheFolder)).calibrations);
}

async function writeCalibrations(cacheFolder: string, calibrations: readonly Calibration[]): Promise<void> {
  const stored = { version: 1, calibrations };
  await writeAtomically(calibrationsFile(cacheFolder), (file) =>
    file.writeFile(`${JSON.stringify(stored, null, 2)}\n`),
  );
}

function placeOf({ encoder, machine }: Calibration): string {
  return JSON.stringify([encoder.name, machine.platform, machine.processor, machine.processorCount]);
}
