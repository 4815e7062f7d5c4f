/** Calibrates an encoder: which ways there are to run it here, a trial of each, and the outcome remembered. */
import { availableParallelism } from 'node:os';
import { referenceWindow } from '../shared/audio.ts';
import type { CalibratedVariant, Calibration, CalibrationProgress } from '../shared/calibration.ts';
import { unmeasured } from '../shared/calibration.ts';
import type { KnownCalibration } from '../shared/calibration-commands.ts';
import { BangerError } from '../shared/errors.ts';
import type { Precision } from '../shared/library.ts';
import { makeCalibrationClip } from './calibration-clip.ts';
import { readCalibrations, rememberCalibration, requireWritableStore } from './calibration-store.ts';
import { cudaHint } from './cuda-hint.ts';
import type { Engine } from './engine.ts';
import type { CalibrationCandidate, CalibrateOptions } from './inference/calibrate-providers.ts';
import { calibrateProviders } from './inference/calibrate-providers.ts';
import { runtimeVersion } from './inference/runtime-package.ts';
import { readMachine, staleReason } from './machine-record.ts';
import { encoderVariant, precisionsOf } from './models/encoder-variant.ts';
import type { PreparedEncoder } from './models/prepared-encoder.ts';

/** Providers that are tried where the installed ONNX Runtime has them, the reference first. */
const triedProviders = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'];

export interface CalibrateEncoderOptions extends Pick<CalibrateOptions, 'signal' | 'limits'> {
  onProgress?: ((progress: CalibrationProgress) => void) | undefined;
  /** Length of the clip; the full window unless told. */
  windowSeconds?: number;
}

/**
 * Tries every way to run an encoder and remembers the outcome. The engine's own inference process is ended for the
 * time, so that both speed and memory are the candidate's alone; songs wait.
 *
 * @throws BangerError what keeps the processor from running the encoder, `cancelled`, `disk-full`, `file-unwritable`
 */
export async function calibrateEncoder(
  engine: Engine,
  encoder: PreparedEncoder,
  { windowSeconds = referenceWindow.lengthSeconds, ...options }: CalibrateEncoderOptions = {},
): Promise<Calibration> {
  await requireWritableStore(engine.folders.cacheFolder);
  const { providers } = await engine.inspectRuntime();
  const candidates = candidatesOf(encoder, providers, availableParallelism());
  const clip = makeCalibrationClip(windowSeconds, encoder.sampleRateHz);
  const open = (session: { provider: string; threads: number }) => engine.openInference(session);
  const { variants, runtimeVersion: version } = await engine.inference.standAside(
    () => calibrateProviders(candidates, { ...options, clip, open }),
    options.signal,
  );
  const { name, label, sha256 } = encoder.description;
  const calibration: Calibration = {
    encoder: { name, label, sha256 },
    runtimeVersion: version,
    machine: await readMachine(),
    windowSeconds,
    measuredAt: new Date().toISOString(),
    variants: [...variants, ...absentVariants()],
  };
  await rememberCalibration(engine.folders.cacheFolder, calibration);
  return calibration;
}

/** What is remembered of an encoder, and whether it still holds. */
export async function recallCalibration(
  engine: Engine,
  encoder: Pick<PreparedEncoder, 'description'>,
): Promise<Omit<KnownCalibration, 'progress'>> {
  const { calibrations, isDamaged } = await readCalibrations(engine.folders.cacheFolder);
  const now = {
    encoderSha256: encoder.description.sha256,
    runtimeVersion: runtimeVersion(),
    machine: await readMachine(),
  };
  const known = calibrations.filter((calibration) => calibration.encoder.name === encoder.description.name);
  const valid = known.find((calibration) => staleReason(calibration, now) === null);
  const calibration = valid ?? known[0] ?? null;
  const staleBecause = isDamaged
    ? 'What was measured before could not be read.'
    : calibration && staleReason(calibration, now);
  return { calibration, staleBecause, hint: cudaHint() };
}

/** All that is remembered, the newest first; whether an encoder's weights have changed is not asked. */
export async function listCalibrations(
  engine: Pick<Engine, 'folders'>,
): Promise<{ calibration: Calibration; staleBecause: string | null }[]> {
  const { calibrations } = await readCalibrations(engine.folders.cacheFolder);
  const machine = await readMachine();
  return calibrations.map((calibration) => {
    const now = {
      encoderSha256: calibration.encoder.sha256,
      runtimeVersion: runtimeVersion(),
      machine,
    };
    return { calibration, staleBecause: staleReason(calibration, now) };
  });
}

/** Every way to run an encoder by these providers; the first is the processor in fp32. */
export function candidatesOf(
  encoder: Pick<PreparedEncoder, 'precisions' | 'description' | 'buildGraph'>,
  providers: readonly string[],
  processorCount: number,
): [CalibrationCandidate, ...CalibrationCandidate[]] {
  const candidate = (provider: string, precision: Precision, threads: number): CalibrationCandidate => {
    const variant = encoderVariant(encoder, provider, precision);
    const key = [encoder.description.sha256, variant.form, variant.precision].join(':');
    return {
      provider,
      precision,
      threads,
      encoder: { key, build: (runGraph) => encoder.buildGraph(variant, runGraph) },
    };
  };
  const ways = triedProviders
    .filter((provider) => provider === 'cpu' || providers.includes(provider))
    .flatMap((provider) =>
      precisionsOf(provider)
        .filter((precision) => encoder.precisions.includes(precision))
        .flatMap((precision) =>
          threadCounts(provider, precision, processorCount).map((threads) =>
            candidate(provider, precision, threads),
          ),
        ),
    );
  const [reference, ...others] = ways;
  if (reference === undefined) throw new BangerError('internal', 'The processor cannot run the encoder.');
  return [reference, ...others];
}

/**
 * The runtime takes one thread for each core. Where there are several, it is asked whether all that the system offers
 * do better, or half of them, which leaves the slow cores of mixed processors out.
 */
function threadCounts(provider: string, precision: Precision, processorCount: number): number[] {
  if (provider !== 'cpu' || precision !== 'fp32' || processorCount <= 2) return [0];
  return [0, processorCount, Math.floor(processorCount / 2)];
}

/** What could be tried if its library were fetched. */
function absentVariants(): CalibratedVariant[] {
  const hint = cudaHint();
  if (hint === null) return [];
  return [
    {
      ...{ provider: 'cuda', precision: 'fp32', threads: 0, outcome: 'absent', reason: hint, details: null },
      ...unmeasured,
    },
  ];
}
