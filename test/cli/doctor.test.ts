/** `banger doctor` says what is there and what to do, and its exit code says whether scoring will work. */
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestName } from '../../src/engine/models/model-manifest.ts';
import { calibrationSchema } from '../../src/shared/calibration.ts';
import { healthCheckSchema, type HealthCheck } from '../../src/shared/health.ts';
import { makeSound } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { useBangerHomes, type BangerHome, type BangerRun, type RunOptions } from '../support/run-banger.ts';

const makeHome = useBangerHomes();

const doctorSchema = z.object({
  checks: z.array(healthCheckSchema),
  calibrations: z.array(z.object({ calibration: calibrationSchema, staleBecause: z.string().nullable() })),
});

/** Runs the doctor and gives its checks by name. */
async function examine(
  home: BangerHome,
  commandArguments: readonly string[] = [],
  options: RunOptions = {},
): Promise<BangerRun & { checks: Record<string, HealthCheck> }> {
  const run = await home.run(['doctor', '--format', 'json', ...commandArguments], options);
  const { checks } = doctorSchema.parse(JSON.parse(run.stdout));
  return { ...run, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

describe('on a fresh machine', () => {
  const home = makeHome();

  test('everything that scoring needs is there, and MERT is what is missing', async () => {
    const { checks, exitCode, stderr } = await examine(home);
    expect(Object.keys(checks)).toEqual([
      'Node',
      'ffmpeg',
      'ONNX Runtime',
      'providers',
      'models',
      'library',
      'disk',
    ]);
    expect(checks['Node']).toMatchObject({ status: 'ok', nextStep: null });
    expect(checks['Node']?.found).toContain(process.version);
    expect(checks['ffmpeg']?.found).toMatch(/soxr resampler, from /);
    expect(checks['ONNX Runtime']?.found).toMatch(/^\d+\.\d+\.\d+, providers: .*cpu/);
    expect(checks['models']).toMatchObject({ status: 'warning' });
    expect(checks['models']?.nextStep).toContain('banger models pull mert-v1-330m banger');
    expect(checks['library']?.found).toContain('none yet');
    expect(checks['disk']?.found).toMatch(/\d GB free/);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('the text says the same, each with what to do', async () => {
    const { stdout, exitCode } = await home.run(['doctor']);
    expect(exitCode).toBe(0);
    for (const name of ['Node', 'ffmpeg', 'ONNX Runtime', 'providers', 'models', 'library', 'disk']) {
      expect(stdout).toMatch(new RegExp(`^[✓!] ${name} `, 'm'));
    }
    expect(stdout).toMatch(/^! models .*\n +→ Run “banger models pull/m);
  });

  test('the ffmpeg that is shipped along is found without another one, and called old', async () => {
    const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string };
    const { checks, exitCode } = await examine(home, ['--ffmpeg', path]);
    expect(checks['ffmpeg']).toMatchObject({ status: 'warning' });
    expect(checks['ffmpeg']?.found).toMatch(/of 20\d\d, soxr resampler, from setting/);
    expect(checks['ffmpeg']?.nextStep).toContain('Install a current ffmpeg');
    expect(exitCode).toBe(0);
    const alone = await examine(home, [], { env: { PATH: dirname(process.execPath) } });
    // The other package downloads its program when it is installed, where it can.
    expect(alone.checks['ffmpeg']?.found).toMatch(/from (?:ffmpeg-installer|ffmpeg-static) /);
  });
});

describe('execution providers', () => {
  const home = makeHome();

  test('are measured when asked, and remembered with a reason for every one that lost', async () => {
    expect((await examine(home)).checks['providers']?.found).toContain('not measured yet');
    const encoder = join(parityFolder, 'encoders', 'tiny-95m-like');
    const { stdout, exitCode } = await home.run(['doctor', '--calibrate', '--encoder', encoder]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^tiny-95m-like, 30 s of a song, measured on \d{4}-\d\d-\d\d$/m);
    expect(stdout).toMatch(/^Processor +fp32 +[\d.]+ s +[\d.]+ s +1\.000000 +The fastest in fp32\.$/m);
    expect(stdout).toMatch(/^Processor +int8 +[\d.]+ s +[\d.]+ s +0\.99\d+ +The fastest in int8\.$/m);
    for (const line of stdout.split('\n').filter((text) => text.startsWith('Graphics'))) {
      expect(line).toMatch(/The fastest|found\.|half precision|numbers|processor|done/);
    }
    const { checks } = await examine(home);
    expect(checks['providers']?.found).toMatch(/tiny-95m-like in fp32 fastest by \w+ .* a song/);
    expect((await home.run(['doctor'])).stdout).toContain('tiny-95m-like, 30 s of a song');
    const { calibrations } = doctorSchema.parse(
      JSON.parse((await home.run(['doctor', '--format', 'json'])).stdout),
    );
    expect(calibrations).toMatchObject([
      { calibration: { encoder: { label: 'tiny-95m-like' } }, staleBecause: null },
    ]);
  });
});

describe('an ffmpeg that is asked for and does not work', () => {
  const home = makeHome();

  test('is a problem where the command names it', async () => {
    const broken = home.path('broken-ffmpeg');
    writeFileSync(broken, '#!/bin/sh\necho ffmpeg version broken\nexit 1\n', { mode: 0o755 });
    for (const ffmpeg of [broken, home.path('nowhere')]) {
      const { checks, exitCode } = await examine(home, ['--ffmpeg', ffmpeg]);
      expect(checks['ffmpeg']).toMatchObject({ status: 'problem' });
      expect(checks['ffmpeg']?.found).toContain(ffmpeg);
      expect(checks['ffmpeg']?.nextStep).not.toBeNull();
      expect(exitCode).toBe(1);
    }
    const run = await home.run(['score', 'song.wav', '--ffmpeg', broken]);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('is passed over and said where FFMPEG_PATH names it', async () => {
    const { checks, exitCode } = await examine(home, [], { env: { FFMPEG_PATH: home.path('nowhere') } });
    expect(checks['ffmpeg']).toMatchObject({ status: 'warning' });
    expect(checks['ffmpeg']?.found).toContain(home.path('nowhere'));
    expect(checks['ffmpeg']?.nextStep).toContain('FFMPEG_PATH');
    expect(exitCode).toBe(0);
  });
});

describe('the library', () => {
  test('is counted', async () => {
    const home = makeHome();
    await makeSound(home.path('song.wav'), 'sine=d=1');
    await home.run(['score', 'song.wav']);
    const { checks } = await examine(home);
    expect(checks['library']?.found).toContain(`1 songs, 1 embeddings`);
    expect(checks['library']?.found).toContain(home.libraryFile);
  });

  test('is a problem where it could not be kept', async () => {
    const home = makeHome();
    mkdirSync(home.path('locked'), { mode: 0o555 });
    for (const name of ['locked', 'locked/deep/down']) {
      const library = home.path(name, 'library.sqlite');
      const { checks, exitCode } = await examine(home, ['--library', library], { unprivileged: true });
      expect(checks['library']).toMatchObject({ status: 'problem' });
      expect(checks['library']?.nextStep).toContain('--library');
      expect(exitCode).toBe(1);
    }
  });

  test('is a problem where its file is something else', async () => {
    const home = makeHome();
    writeFileSync(home.path('letter.txt'), 'Dear diary');
    mkdirSync(home.path('folder'));
    for (const name of ['letter.txt', 'folder']) {
      const { checks, exitCode } = await examine(home, ['--library', home.path(name)]);
      expect(checks['library']).toMatchObject({ status: 'problem' });
      expect(checks['library']?.nextStep).not.toBeNull();
      expect(exitCode).toBe(1);
    }
  });
});

test('an encoder is not named in vain: only measuring asks for one', async () => {
  const { stderr, exitCode } = await makeHome().run(['doctor', '--encoder', 'draft']);
  expect(stderr).toContain('banger doctor --calibrate --encoder draft');
  expect(exitCode).toBe(2);
});

test('a broken model is named with what to do about it', async () => {
  const home = makeHome();
  const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
  await home.run(['models', 'import', encoder]);
  writeFileSync(home.path('data', 'banger-scorer', 'models', 'tiny-330m-like', manifestName), '{');
  const { checks } = await examine(home);
  expect(checks['models']).toMatchObject({ status: 'warning' });
  expect(checks['models']?.found).toContain('“tiny-330m-like” is broken');
  expect(checks['models']?.nextStep).toContain('banger models remove tiny-330m-like');
});
