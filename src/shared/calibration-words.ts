/** How a calibration's rows read, on the command line and in the window. */
import type { CalibratedVariant } from './calibration.ts';
import { isVerifiedProvider } from './calibration.ts';

/** What a provider runs on, by ONNX Runtime's name. */
const providerNames: Readonly<Record<string, string>> = {
  cpu: 'Processor',
  cuda: 'NVIDIA graphics (CUDA)',
  dml: 'Graphics (DirectML)',
  coreml: 'Apple Core ML',
  webgpu: 'Graphics (WebGPU)',
};

export function providerName(provider: string): string {
  return providerNames[provider] ?? provider;
}

/** One row in cells. */
export interface CalibrationCells {
  /** Such as `Processor, 4 threads`. */
  provider: string;
  precision: string;
  /** For a song's window, such as `7.1 s`; empty where it lost. */
  time: string;
  /** Until it is ready; empty where it lost before. */
  ready: string;
  /** Agreement with the reference. */
  agreement: string;
  /** What is to be said of it; empty where nothing is. */
  remark: string;
}

export const calibrationHeadings: Readonly<Record<keyof CalibrationCells, string>> = {
  provider: 'Runs on',
  precision: 'Precision',
  time: 'A song',
  ready: 'Ready in',
  agreement: 'Agreement',
  remark: 'Remark',
};

/** What is said of providers that nobody of this project has seen run, or on no real card. */
function verificationNote(provider: string): string | null {
  if (!isVerifiedProvider(provider)) return 'Not verified by us.';
  return provider === 'webgpu' ? 'Verified by us only with a card simulated in software.' : null;
}

/** @param isFastest whether it is the fastest in its precision */
export function calibrationCells(variant: CalibratedVariant, isFastest: boolean): CalibrationCells {
  const { provider, precision, threads, outcome, reason, secondsPerWindow, sessionSeconds, cosine } = variant;
  const isWorking = outcome === 'works';
  const remarks = [
    isFastest ? `The fastest in ${precision}.` : null,
    reason,
    verificationNote(provider),
  ].filter((remark) => remark !== null);
  return {
    provider: [providerName(provider), ...(threads > 0 ? [`${threads} threads`] : [])].join(', '),
    precision,
    time: isWorking && secondsPerWindow !== null ? formatShortTime(secondsPerWindow) : '',
    ready: sessionSeconds === null ? '' : formatShortTime(sessionSeconds),
    agreement: cosine === null ? '' : cosine.toFixed(6),
    remark: remarks.join(' '),
  };
}

/** Seconds with two significant digits or more, such as `0.042 s`, `7.1 s`, `112 s`. */
export function formatShortTime(seconds: number): string {
  if (seconds >= 100) return `${Math.round(seconds)} s`;
  return `${Number(seconds.toPrecision(2))} s`;
}
