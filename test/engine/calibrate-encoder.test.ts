/** A calibration is remembered, found again, and not trusted once anything it depends on has changed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calibrateEncoder, candidatesOf, recallCalibration } from '../../src/engine/calibrate-encoder.ts';
import {
  calibrationsFile,
  readCalibrations,
  rememberCalibration,
} from '../../src/engine/calibration-store.ts';
import { cudaHint } from '../../src/engine/cuda-hint.ts';
import { Engine } from '../../src/engine/engine.ts';
import { findEncoder } from '../../src/engine/learn-songs.ts';
import { staleReason } from '../../src/engine/machine-record.ts';
import type { Calibration } from '../../src/shared/calibration.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { parityFolder } from '../support/parity.ts';

const freshFolder = useFreshFolder();

async function openEngine(): Promise<Engine> {
  const folder = freshFolder('engine');
  return Engine.open({
    folders: {
      libraryFile: join(folder, 'library.db'),
      modelsFolder: join(folder, 'models'),
      cacheFolder: join(folder, 'cache'),
    },
  });
}

const madeUp: Calibration = {
  encoder: { name: 'tiny', label: 'Tiny', sha256: 'a'.repeat(64) },
  runtimeVersion: '1.30.0',
  machine: { platform: 'linux x64', processor: 'Abacus', processorCount: 8, drivers: ['card 1'] },
  windowSeconds: 30,
  measuredAt: '2026-11-26T08:00:00.000Z',
  variants: [],
};

test('an encoder is calibrated, and what was found is found again', async () => {
  const engine = await openEngine();
  try {
    const encoder = await findEncoder(engine, join(parityFolder, 'encoders', 'tiny-95m-like'));
    expect(await recallCalibration(engine, encoder)).toMatchObject({ calibration: null, staleBecause: null });
    const calibration = await calibrateEncoder(engine, encoder, { windowSeconds: 2 });
    expect(calibration.variants[0]).toMatchObject({ provider: 'cpu', precision: 'fp32', outcome: 'works' });
    const others = calibration.variants.slice(1);
    expect(others.map(({ provider, precision }) => `${provider} ${precision}`)).toContain('cpu int8');
    for (const { outcome, reason } of others) expect(reason === null).toBe(outcome === 'works');
    expect(await recallCalibration(engine, encoder)).toMatchObject({ calibration, staleBecause: null });
    await rememberCalibration(engine.folders.cacheFolder, { ...calibration, runtimeVersion: '0.1.0' });
    expect((await recallCalibration(engine, encoder)).staleBecause).toContain('ONNX Runtime has changed');
  } finally {
    await engine.close();
  }
});

test('nothing is measured where the outcome cannot be kept', async () => {
  const cacheFolder = freshFolder('cache');
  await writeFile(cacheFolder, 'a file where the folder should be');
  const engine = await Engine.open({ folders: { cacheFolder } });
  try {
    const encoder = await findEncoder(engine, 'draft');
    const told: unknown[] = [];
    const onProgress = (progress: unknown) => told.push(progress);
    await expect(calibrateEncoder(engine, encoder, { onProgress })).rejects.toMatchObject({
      code: 'file-unwritable',
    });
    expect(told).toEqual([]);
  } finally {
    await engine.close();
  }
});

test.each([
  ['{"version":1,', true],
  ['{"version":1,"calibrations":[{"encoder":3}]}', true],
  ['{"version":7,"calibrations":[]}', true],
])('a damaged file counts as none: %s', async (text, isDamaged) => {
  const folder = freshFolder('cache');
  await rememberCalibration(folder, madeUp);
  await writeFile(calibrationsFile(folder), text);
  expect(await readCalibrations(folder)).toEqual({ calibrations: [], isDamaged });
  await rememberCalibration(folder, madeUp);
  expect(await readCalibrations(folder)).toEqual({ calibrations: [madeUp], isDamaged: false });
  expect(await readFile(calibrationsFile(folder), 'utf8')).toContain('Abacus');
});

test('one calibration is kept for each encoder and machine, the newest first', async () => {
  const folder = freshFolder('cache');
  const elsewhere = { ...madeUp, machine: { ...madeUp.machine, processor: 'Slide rule' } };
  const later = { ...madeUp, measuredAt: '2026-11-27T08:00:00.000Z' };
  for (const calibration of [madeUp, elsewhere, later]) await rememberCalibration(folder, calibration);
  expect((await readCalibrations(folder)).calibrations).toEqual([later, elsewhere]);
});

test('what has changed since is said', () => {
  const { machine } = madeUp;
  const now = { encoderSha256: madeUp.encoder.sha256, runtimeVersion: '1.30.0', machine };
  expect(staleReason(madeUp, now)).toBeNull();
  expect(staleReason(madeUp, { ...now, encoderSha256: 'b' })).toContain('weights');
  expect(staleReason(madeUp, { ...now, runtimeVersion: '1.31.0' })).toContain('from 1.30.0 to 1.31.0');
  for (const change of [{ platform: 'win32 x64' }, { processor: 'Slide rule' }, { processorCount: 4 }]) {
    expect(staleReason(madeUp, { ...now, machine: { ...machine, ...change } })).toContain('another machine');
  }
  const newDriver = { ...now, machine: { ...machine, drivers: ['card 2'] } };
  expect(staleReason(madeUp, newDriver)).toContain('driver');
});

test('only what the runtime has is tried, and threads where there are several', async () => {
  const engine = await openEngine();
  try {
    const encoder = await findEncoder(engine, join(parityFolder, 'encoders', 'tiny-95m-like'));
    const waysOf = (providers: readonly string[], processorCount: number) =>
      candidatesOf(encoder, providers, processorCount).map(({ provider, precision, threads }) =>
        [provider, precision, threads].join(' '),
      );
    expect(waysOf(['cpu', 'tensorrt'], 2)).toEqual(['cpu fp32 0', 'cpu int8 0']);
    expect(waysOf(['webgpu', 'dml', 'cpu'], 8)).toEqual([
      'cpu fp32 0',
      'cpu fp32 8',
      'cpu fp32 4',
      'cpu int8 0',
      'webgpu fp32 0',
      'webgpu fp16 0',
      'dml fp32 0',
      'dml fp16 0',
    ]);
  } finally {
    await engine.close();
  }
});

test('the CUDA library is spoken of where an NVIDIA card is, and only there', () => {
  const isPossible = process.platform === 'linux' && process.arch === 'x64';
  const hint = cudaHint([import.meta.filename]);
  if (isPossible) expect(hint).toContain('--onnxruntime-node-install=cuda12');
  else expect(hint).toBeNull();
  expect(cudaHint([join(freshFolder('none'), 'no-driver')])).toBeNull();
});
