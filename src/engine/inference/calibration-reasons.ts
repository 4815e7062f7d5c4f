/** Says why an execution provider lost a calibration, in a sentence for the person and with details for the log. */
import type { CalibratedVariant, CalibrationOutcome } from '../../shared/calibration.ts';
import { leastCosines } from '../../shared/calibration.ts';
import type { BangerError } from '../../shared/errors.ts';

type Measured = Omit<CalibratedVariant, 'outcome' | 'reason' | 'details'>;

/** What ONNX Runtime and its providers say, and what it means to a person. */
const knownFailures: readonly { says: RegExp; reason: string }[] = [
  {
    says: /failed to get a WebGPU adapter|no supported adapters/i,
    reason: 'No graphics card with a driver for Vulkan, Metal or Direct3D 12 was found.',
  },
  {
    says: /failed to load shared library|cannot open shared object file|LoadLibrary failed/i,
    reason: 'A library that this provider needs is missing, of the provider itself or of CUDA and cuDNN.',
  },
  {
    says: /no CUDA-capable device|CUDA driver version is insufficient|cudaErrorNoDevice|CUDA failure (?:35|100)\b/i,
    reason: 'No NVIDIA card with a driver that is new enough was found.',
  },
  {
    says: /requires f16 but the device does not support it/i,
    reason: 'The graphics card or its driver does not compute in half precision.',
  },
  {
    says: /out of (?:device )?memory|E_OUTOFMEMORY|bad_alloc|failed to allocate memory/i,
    reason: 'The memory did not suffice.',
  },
];

export function wrongVariant(measured: Measured): CalibratedVariant {
  const { cosine, precision } = measured;
  const found = cosine === null ? 'are no numbers' : `agree to ${cosine.toFixed(6)} only`;
  return lost(
    measured,
    'wrong',
    `It gives other numbers than the processor: they ${found}, where ${leastCosines[precision]} is asked for.`,
    null,
  );
}

export function unusedVariant(measured: Measured): CalibratedVariant {
  return lost(measured, 'unused', 'ONNX Runtime took it, yet had the processor do the work.', null);
}

export function crashedVariant(measured: Measured, { message, details }: BangerError): CalibratedVariant {
  return lost(measured, 'crashed', 'Its process crashed.', joined(message, details));
}

export function lateVariant(measured: Measured, limitSeconds: number): CalibratedVariant {
  const reason = `It was not done after ${Math.round(limitSeconds)} s and was ended.`;
  return lost(measured, 'timed-out', reason, null);
}

export function failedVariant(measured: Measured, error: BangerError): CalibratedVariant {
  const details = joined(error.message, error.details);
  const known = knownFailures.find(({ says }) => says.test(details));
  return lost(measured, 'failed', known?.reason ?? error.message, details);
}

function lost(
  measured: Measured,
  outcome: CalibrationOutcome,
  reason: string,
  details: string | null,
): CalibratedVariant {
  return { ...measured, outcome, reason, details };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}
