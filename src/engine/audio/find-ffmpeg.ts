/** Finds an ffmpeg that works, from the person's setting down to the old build that is shipped along. */
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';

import envPaths from 'env-paths';
import { execa } from 'execa';
import { z } from 'zod';

import { BangerError } from '../../shared/errors.ts';
import { ensureExecutable } from './executable-file.ts';

/** Where an ffmpeg came from, in the order in which they are tried. */
export const ffmpegSources = ['setting', 'environment', 'ffmpeg-static', 'path', 'ffmpeg-installer'] as const;
export type FfmpegSource = (typeof ffmpegSources)[number];

/** A candidate that was not taken, and why. */
export interface SkippedFfmpeg {
  source: FfmpegSource;
  path: string;
  reason: string;
}

/** An ffmpeg that has run and resampled in front of our eyes. */
export interface Ffmpeg {
  path: string;
  source: FfmpegSource;
  /** As it names itself, such as `7.1` or `N-47683-g0e8eb07980-static`. */
  version: string;
  /** The last year in its copyright line, null where it states none. */
  releaseYear: number | null;
  /** True for builds of years ago, which lack fixes; scores are the same. */
  isOld: boolean;
  /** `soxr` gives the reference's samples; `swr` comes close and is used only where no build has soxr. */
  resampler: 'soxr' | 'swr';
  /** Candidates that came first and were not taken. */
  skipped: SkippedFfmpeg[];
}

export interface FindFfmpegOptions {
  /** The path from the person's settings; if it does not work, that is an error. */
  configuredPath?: string | undefined;
  /** Where `FFMPEG_PATH` and `PATH` are read; default `process.env`. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  signal?: AbortSignal | undefined;
}

const oldBeforeYear = 2021;
const proofTimeoutSeconds = 20;
const installHint =
  'Install ffmpeg (https://ffmpeg.org/download.html) or set FFMPEG_PATH to its program file.';

/**
 * The first ffmpeg that works and has the soxr resampler; failing that, the first that works.
 *
 * @throws BangerError `ffmpeg-missing` where none works or the configured one does not, `cancelled`
 */
export async function findFfmpeg(options: FindFfmpegOptions = {}): Promise<Ffmpeg> {
  const env = options.env ?? process.env;
  const skipped: SkippedFfmpeg[] = [];
  let withoutSoxr: Ffmpeg | null = null;
  for (const source of ffmpegSources) {
    for (const path of await candidatePaths(source, options.configuredPath, env)) {
      const proof = await proveFfmpeg(path, options.signal);
      if (typeof proof === 'string') {
        if (source === 'setting') throw configuredFails(path, proof);
        skipped.push({ source, path, reason: proof });
        continue;
      }
      const ffmpeg: Ffmpeg = { path, source, ...proof, skipped };
      if (ffmpeg.resampler === 'soxr' || source === 'setting') return ffmpeg;
      skipped.push({ source, path, reason: 'It has no soxr resampler.' });
      withoutSoxr ??= ffmpeg;
    }
  }
  if (withoutSoxr === null) throw noneFound(skipped);
  return { ...withoutSoxr, skipped: skipped.filter(({ path }) => path !== withoutSoxr.path) };
}

async function candidatePaths(
  source: FfmpegSource,
  configuredPath: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  switch (source) {
    case 'setting':
      return configuredPath === undefined || configuredPath === '' ? [] : [configuredPath];
    case 'environment':
      return env['FFMPEG_PATH'] === undefined || env['FFMPEG_PATH'] === '' ? [] : [env['FFMPEG_PATH']];
    case 'ffmpeg-static':
      return existing(besideArchive(z.string().safeParse(optionalModule('ffmpeg-static')).data));
    case 'path':
      return onPath(env['PATH'] ?? env['Path'] ?? '');
    case 'ffmpeg-installer': {
      const installer = z.object({ path: z.string() }).safeParse(optionalModule('@ffmpeg-installer/ffmpeg'));
      const paths = await existing(besideArchive(installer.data?.path));
      return Promise.all(paths.map((path) => ensureExecutable(path, cacheFolder())));
    }
  }
}

/** What a package exports, undefined where it is not installed or has nothing for this system. */
function optionalModule(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch {
    // Both packages are optional; one that cannot be loaded has no ffmpeg to offer.
    return undefined;
  }
}

/** A packed desktop app keeps its modules in an archive; programs lie unpacked beside it, where they can be started. */
function besideArchive(path: string | undefined): string | undefined {
  return path?.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');
}

function cacheFolder(): string {
  return envPaths('banger-scorer', { suffix: '' }).cache;
}

async function existing(path: string | undefined): Promise<string[]> {
  if (path === undefined) return [];
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isFile ? [path] : [];
}

async function onPath(pathVariable: string): Promise<string[]> {
  const names = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg'];
  // Relative entries are left out: a folder of songs must not be able to bring its own ffmpeg.
  const folders = pathVariable.split(delimiter).filter((folder) => isAbsolute(folder));
  const found = await Promise.all(
    folders.flatMap((folder) => names.map((name) => existing(join(folder, name)))),
  );
  return found.flat();
}

type Proof = Pick<Ffmpeg, 'version' | 'releaseYear' | 'isOld' | 'resampler'>;

/** What an ffmpeg proves to be, or a sentence that says how it failed. */
async function proveFfmpeg(path: string, signal: AbortSignal | undefined): Promise<Proof | string> {
  const versionRun = await tryFfmpeg(path, ['-version'], signal);
  const firstLine = versionRun.stdout.toString('utf8').split('\n', 1)[0] ?? '';
  const version = /^ffmpeg version (\S+)/.exec(firstLine)?.[1];
  if (versionRun.failure !== null) return versionRun.failure;
  if (version === undefined) return 'It does not answer as ffmpeg does.';
  const resampler = await provenResampler(path, signal);
  if (resampler === null) return 'It cannot resample audio.';
  const year = /Copyright \(c\) .*?(\d{4}) the FFmpeg/.exec(firstLine)?.[1];
  const releaseYear = year === undefined ? null : Number(year);
  return { version, releaseYear, isOld: releaseYear !== null && releaseYear < oldBeforeYear, resampler };
}

async function provenResampler(
  path: string,
  signal: AbortSignal | undefined,
): Promise<'soxr' | 'swr' | null> {
  for (const resampler of ['soxr', 'swr'] as const) {
    const tenthOfASecond = new Uint8Array(4410 * 2);
    const { failure, stdout } = await tryFfmpeg(
      path,
      [
        ...['-hide_banner', '-loglevel', 'error', '-f', 's16le', '-ar', '44100', '-ac', '1', '-i', 'pipe:0'],
        ...['-af', `aresample=24000:resampler=${resampler}`, '-f', 'f32le', 'pipe:1'],
      ],
      signal,
      tenthOfASecond,
    );
    const samples = stdout.length / 4;
    if (failure === null && samples > 2300 && samples < 2500) return resampler;
  }
  return null;
}

async function tryFfmpeg(
  path: string,
  commandArguments: readonly string[],
  signal: AbortSignal | undefined,
  input: Uint8Array = new Uint8Array(),
): Promise<{ failure: string | null; stdout: Buffer }> {
  const result = await execa(path, commandArguments, {
    env: { FFREPORT: undefined },
    input,
    encoding: 'buffer',
    reject: false,
    timeout: proofTimeoutSeconds * 1000,
    killSignal: 'SIGKILL',
    killDescendants: true,
    maxBuffer: 1024 * 1024,
    ...(signal !== undefined && { cancelSignal: signal }),
  });
  if (result.isCanceled) throw new BangerError('cancelled', 'Cancelled.');
  const stdout = Buffer.from(result.stdout);
  return { failure: result.failed ? `It does not run: ${result.shortMessage}` : null, stdout };
}

function configuredFails(path: string, reason: string): BangerError {
  return new BangerError('ffmpeg-missing', 'The ffmpeg in your settings does not work.', {
    file: path,
    nextStep: 'Correct the path of ffmpeg in the settings, or remove it to let one be found.',
    details: reason,
  });
}

function noneFound(skipped: readonly SkippedFfmpeg[]): BangerError {
  return new BangerError('ffmpeg-missing', 'No working ffmpeg was found.', {
    nextStep: installHint,
    details: skipped.map(({ source, path, reason }) => `${source}: ${path}: ${reason}`).join('\n'),
  });
}
