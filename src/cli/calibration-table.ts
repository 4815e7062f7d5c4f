/** Shows calibrations on the command line: one table for each encoder. */
import type { Calibration } from '../shared/calibration.ts';
import { fastestVariant } from '../shared/calibration.ts';
import { calibrationCells, calibrationHeadings } from '../shared/calibration-words.ts';
import { alignColumns } from './align-columns.ts';

const columns = ['provider', 'precision', 'time', 'ready', 'agreement', 'remark'] as const;

/** @param staleBecause why it says little about today, null where it holds */
export function describeCalibration(calibration: Calibration, staleBecause: string | null): string {
  const { encoder, variants, measuredAt, windowSeconds } = calibration;
  const rows = variants.map((variant) => {
    const fastest = fastestVariant(variants, variant.precision);
    const cells = calibrationCells(variant, fastest !== null && isSame(variant, fastest));
    return columns.map((column) => cells[column]);
  });
  const title = `${encoder.label}, ${windowSeconds} s of a song, measured on ${measuredAt.slice(0, 10)}`;
  const doubt =
    staleBecause === null ? '' : `! ${staleBecause} Measure again with “banger doctor --calibrate”.\n`;
  return `${title}\n${doubt}${alignColumns([columns.map((column) => calibrationHeadings[column]), ...rows], 'left')}`;
}

function isSame(a: Calibration['variants'][number], b: Calibration['variants'][number]): boolean {
  return a.provider === b.provider && a.precision === b.precision && a.threads === b.threads;
}
