/** Looks at everything that scoring needs and says what is there and what to do about what is not. */
import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asBangerError, hasErrorCode } from '../shared/errors.ts';
import { formatBytes } from '../shared/format-quantities.ts';
import type { HealthCheck } from '../shared/health.ts';
import { fastestVariant } from '../shared/calibration.ts';
import { formatShortTime, providerName } from '../shared/calibration-words.ts';
import { listCalibrations } from './calibrate-encoder.ts';
import { cudaHint } from './cuda-hint.ts';
import type { Engine } from './engine.ts';
import { findDamageAside } from './library/care-aside.ts';
import { openLibrary } from './library/open-library.ts';

/** Room that a download of MERT needs, with some to spare. */
const ROOMY_BYTES = 3e9;
/** Under this even the library cannot grow. */
const CRAMPED_BYTES = 2e8;

const MINIMUM_NODE_MAJOR = 22;

type Finding = Omit<HealthCheck, 'name'>;

/** All checks in a fixed order. Nothing here throws: what fails is a finding. */
export async function checkHealth(engine: Engine): Promise<HealthCheck[]> {
  const checks: [string, () => Finding | Promise<Finding>][] = [
    ['Node', checkNode],
    ['ffmpeg', () => checkFfmpeg(engine)],
    ['ONNX Runtime', () => checkRuntime(engine)],
    ['providers', () => checkProviders(engine)],
    ['models', () => checkModels(engine)],
    ['library', () => checkLibrary(engine)],
    ['disk', () => checkDisk(engine)],
  ];
  const findings: HealthCheck[] = [];
  for (const [name, check] of checks) {
    try {
      findings.push({ name, ...(await check()) });
    } catch (thrown) {
      const { message, file, nextStep } = asBangerError(thrown);
      const found = file === undefined ? message : `${message} (${file})`;
      findings.push({ name, status: 'problem', found, nextStep: nextStep ?? null });
    }
  }
  return findings;
}

function ok(found: string): Finding {
  return { status: 'ok', found, nextStep: null };
}

function checkNode(): Finding {
  const { version, platform, arch, execPath } = process;
  const found = `${version} on ${platform} ${arch} (${execPath})`;
  if (Number(process.versions.node.split('.')[0]) >= MINIMUM_NODE_MAJOR) return ok(found);
  return { status: 'problem', found, nextStep: `Install Node ${MINIMUM_NODE_MAJOR} or newer.` };
}

async function checkFfmpeg(engine: Engine): Promise<Finding> {
  const { path, source, version, releaseYear, isOld, resampler, skipped } = await engine.findFfmpeg();
  const age = releaseYear === null ? '' : ` of ${releaseYear}`;
  const found = `${version}${age}, ${resampler} resampler, from ${source} (${path})`;
  const unusedWish = skipped.find((candidate) => candidate.source === 'environment');
  if (unusedWish !== undefined) {
    return {
      status: 'warning',
      found: `${found}, because the one that FFMPEG_PATH names was not taken: ${unusedWish.path} (${firstLine(unusedWish.reason)})`,
      nextStep: 'Correct FFMPEG_PATH, or unset it.',
    };
  }
  if (resampler === 'swr') {
    return {
      status: 'warning',
      found,
      nextStep:
        'This ffmpeg lacks soxr, so scores come close to the reference without being equal. Install one with libsoxr.',
    };
  }
  if (isOld) {
    return {
      status: 'warning',
      found,
      nextStep:
        'It works, but years of fixes are missing. Install a current ffmpeg; it is found on the PATH or by FFMPEG_PATH.',
    };
  }
  return ok(found);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

async function checkRuntime(engine: Engine): Promise<Finding> {
  const { runtimeVersion, providers } = await engine.inspectRuntime();
  return ok(`${runtimeVersion}, providers: ${providers.join(', ')}`);
}

/** What runs the encoders fastest, as far as that was measured on this machine. */
async function checkProviders(engine: Engine): Promise<Finding> {
  const known = (await listCalibrations(engine)).filter(({ staleBecause }) => staleBecause === null);
  const fastest = known.flatMap(({ calibration: { encoder, variants } }) => {
    const best = fastestVariant(variants);
    if (best === null) return [];
    const time = formatShortTime(best.secondsPerWindow);
    return [
      `${encoder.name} in fp32 fastest by ${best.provider} (${providerName(best.provider)}), ${time} a song`,
    ];
  });
  const found = fastest.length > 0 ? fastest.join('; ') : 'not measured yet; the processor is used';
  const hint = cudaHint();
  if (hint !== null) return { status: 'warning', found, nextStep: hint };
  if (fastest.length > 0) return ok(found);
  const nextStep = 'Run “banger doctor --calibrate”, or measure among the models in the settings.';
  return { status: 'ok', found, nextStep };
}

async function checkModels(engine: Engine): Promise<Finding> {
  const models = await engine.models.listModels();
  const isThere = (kind: string, id: string) =>
    models.some((model) => model.kind === kind && model.id === id && model.state === 'installed');
  const installed = models.filter(({ state }) => state === 'installed' || state === 'built-in');
  const found = installed.map(({ kind, id }) => `${id} (${kind})`).join(', ');
  const broken = models.find(({ state }) => state === 'broken');
  if (broken !== undefined) {
    return {
      status: 'warning',
      found: `${found}; “${broken.id}” is broken: ${broken.problem?.message ?? ''}`,
      nextStep: `Import it again, or remove it with “banger models remove ${broken.id}”.`,
    };
  }
  const missing = [
    ...(isThere('encoder', 'mert-v1-330m') ? [] : ['mert-v1-330m']),
    ...(isThere('head', 'banger') ? [] : ['banger']),
  ];
  if (missing.length === 0) return ok(found);
  return {
    status: 'warning',
    found: `${found}; without ${missing.join(' and ')}, songs get draft scores only`,
    nextStep: `Run “banger models pull ${missing.join(' ')}”, or take them from disk with “banger models import”.`,
  };
}

async function checkLibrary(engine: Engine): Promise<Finding> {
  const file = engine.folders.libraryFile;
  const finding = await inspectLibrary(file);
  if (finding.status !== 'ok' || (await isWritable(file))) return finding;
  return {
    status: 'problem',
    found: `${finding.found} may not be written by you`,
    nextStep: 'Allow writing to the file and its folder, or choose another library with --library.',
  };
}

/** Whether a file can be changed, or where it does not exist yet, be made in the first of its folders that does. */
async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    return isMissing && path !== dirname(path) && isWritable(dirname(path));
  }
}

async function inspectLibrary(file: string): Promise<Finding> {
  try {
    const library = openLibrary(file, { readOnly: true });
    try {
      const damage = await findDamageAside(file);
      const { songs, embeddings, sizeBytes } = library.stats();
      const found = `${songs} songs, ${embeddings} embeddings, ${formatBytes(sizeBytes)} (${file})`;
      if (damage.length === 0) return ok([found, ...library.notices].join(' '));
      return {
        status: 'problem',
        found: `${found} is damaged: ${damage[0] ?? ''}`,
        nextStep: 'Keep a copy of the file, and choose another library with --library meanwhile.',
      };
    } finally {
      library.close();
    }
  } catch (thrown) {
    if (hasErrorCode(thrown, 'file-missing')) return ok(`none yet; the first scores make it (${file})`);
    throw thrown;
  }
}

async function checkDisk(engine: Engine): Promise<Finding> {
  const folder = dirname(engine.folders.libraryFile);
  const { folder: measured, freeBytes } = await measureFreeBytes(folder);
  const found = `${formatBytes(freeBytes)} free (${measured})`;
  if (freeBytes < CRAMPED_BYTES) {
    return { status: 'problem', found, nextStep: 'Free some space: the library cannot grow.' };
  }
  if (freeBytes < ROOMY_BYTES) {
    return {
      status: 'warning',
      found,
      nextStep: 'MERT needs about 1.3 GB; free some space before a download.',
    };
  }
  return ok(found);
}

/** Free space where a folder lies or will lie. */
async function measureFreeBytes(folder: string): Promise<{ folder: string; freeBytes: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { folder, freeBytes: bavail * bsize };
  } catch (thrown) {
    const parent = dirname(folder);
    if (parent === folder) throw thrown;
    return measureFreeBytes(parent);
  }
}
