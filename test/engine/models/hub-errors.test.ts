/** What a person is told when a download fails, for every way the Hub, the network or the disk can fail. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../../src/engine/models/hub-errors.ts';
import { planPull, pullModel } from '../../../src/engine/models/model-pull.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { HubServer, sha256, type Fault } from '../../support/hub-server.ts';
import { makeMertRepository, mertRepository, quickPolicy, settingsFor } from '../../support/hub-fixtures.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const repository = makeMertRepository();
const weights = repository.files['pytorch_model.bin']?.bytes ?? Buffer.alloc(0);
const options = { policy: quickPolicy };
let server: HubServer;
let cacheFolder: string;

beforeEach(async () => {
  server = await HubServer.start();
  server.repositories.set(mertRepository, repository);
  cacheFolder = await makeFolder();
});

afterEach(async () => {
  await server.stop();
});

async function failureOf(work: Promise<unknown>): Promise<BangerError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(BangerError);
  const failure = thrown as BangerError;
  expect(failure.nextStep).toBeTruthy();
  return failure;
}

const repeat = (fault: Fault): Fault[] => Array.from({ length: 20 }, () => fault);
const partialFile = (folder = cacheFolder): string =>
  path.join(folder, 'models--m-a-p--MERT-v1-330M', 'blobs', `${sha256(weights)}.incomplete`);

describe('planning', () => {
  test('without a token where one is needed', async () => {
    server.requiredToken = 'hf_right';
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), options));
    expect(failure.code).toBe('download-unauthorised');
    expect(failure.nextStep).toContain('HF_TOKEN');
  });

  test('with a wrong token, which is not told to anybody', async () => {
    server.requiredToken = 'hf_right';
    const settings = settingsFor(server, cacheFolder, { token: 'hf_wrong' });
    const failure = await failureOf(planPull('mert-v1-330m', settings, options));
    expect(failure.code).toBe('download-unauthorised');
    expect(failure.message).toContain('does not accept the token');
    expect(JSON.stringify(failure.toRecord())).not.toContain('hf_wrong');
  });

  test.each([null, 'hf_token'])(
    'of a gated repository names the page to ask at (token: %s)',
    async (token) => {
      server.repositories.set(mertRepository, { ...repository, isGated: true });
      const failure = await failureOf(
        planPull('mert-v1-330m', settingsFor(server, cacheFolder, { token }), options),
      );
      expect(failure.code).toBe('download-gated');
      expect(failure.nextStep).toContain(`${server.endpoint}/${mertRepository}`);
    },
  );

  test('of a repository that is gone', async () => {
    server.repositories.clear();
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), options));
    expect(failure.code).toBe('download-not-found');
  });

  test('of a repository that lacks a file, by the file’s name', async () => {
    const files = Object.entries(repository.files).filter(([name]) => name !== 'preprocessor_config.json');
    server.repositories.set(mertRepository, { ...repository, files: Object.fromEntries(files) });
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), options));
    expect(failure.code).toBe('download-not-found');
    expect(failure.message).toContain('preprocessor_config.json');
  });

  test('when the Hub asks for a long wait says how long', async () => {
    server.metadataFaults.push({ kind: 'status', status: 429, headers: { 'retry-after': '600' } });
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), options));
    expect(failure.code).toBe('download-rate-limited');
    expect(failure.nextStep).toContain('10 minutes');
  });

  test('without a network', async () => {
    const settings = settingsFor(server, cacheFolder, { endpoint: `http://127.0.0.1:${await closedPort()}` });
    const failure = await failureOf(planPull('mert-v1-330m', settings, options));
    expect(failure.code).toBe('network-unreachable');
    expect(failure.message).toContain('ECONNREFUSED');
    expect(failure.nextStep).toContain('banger models import');
  });

  test('with a name that does not resolve', async () => {
    const settings = settingsFor(server, cacheFolder, { endpoint: 'http://hub.invalid' });
    const failure = await failureOf(planPull('mert-v1-330m', settings, options));
    expect(failure.code).toBe('network-unreachable');
  });

  test('when the Hub is silent', async () => {
    server.metadataFaults.push(...repeat({ kind: 'stall', afterBytes: 0 }));
    const policy = { ...quickPolicy, stallTimeoutMs: 50 };
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), { policy }));
    expect(failure.code).toBe('download-failed');
    expect(failure.message).toContain('has sent nothing');
  });

  test('gets over one failure of the Hub, but not over many', async () => {
    const settings = settingsFor(server, cacheFolder);
    server.metadataFaults.push(
      { kind: 'status', status: 503 },
      { kind: 'none' },
      { kind: 'cut', afterBytes: 0 },
    );
    expect((await planPull('mert-v1-330m', settings, options)).files).toHaveLength(3);
    server.metadataFaults.push(...repeat({ kind: 'status', status: 503 }));
    expect((await failureOf(planPull('mert-v1-330m', settings, options))).code).toBe('download-failed');
  });

  test('stops when it is cancelled', async () => {
    server.metadataFaults.push({ kind: 'stall', afterBytes: 0 });
    const signal = AbortSignal.timeout(50);
    const pending = planPull('mert-v1-330m', settingsFor(server, cacheFolder), { ...options, signal });
    expect((await failureOf(pending)).code).toBe('cancelled');
  });

  test('in offline mode', async () => {
    const settings = settingsFor(server, cacheFolder, { offline: true });
    const failure = await failureOf(planPull('mert-v1-330m', settings, options));
    expect(failure.code).toBe('network-unreachable');
    expect(failure.message).toContain('HF_HUB_OFFLINE');
    expect(server.requests).toEqual([]);
  });

  test.each(['offline', 'unreachable'])('of a complete model works while %s', async (mode) => {
    const online = settingsFor(server, cacheFolder);
    const pulled = await pullModel(await planPull('mert-v1-330m', online), online);
    server.requests.length = 0;
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    const settings = settingsFor(server, cacheFolder, mode === 'offline' ? { offline: true } : { endpoint });
    const plan = await planPull('mert-v1-330m', settings, options);
    expect(plan.remainingBytes).toBe(0);
    expect(await pullModel(plan, settings)).toEqual(pulled);
    expect(server.requests).toEqual([]);
  });

  test('of an unknown or built-in model', async () => {
    const settings = settingsFor(server, cacheFolder);
    expect((await failureOf(planPull('mert-v9', settings))).code).toBe('model-missing');
    await expect(planPull('draft', settings)).rejects.toMatchObject({ code: 'usage' });
  });

  test('never lets a name from the Hub out of the cache', async () => {
    server.repositories.set(mertRepository, {
      ...repository,
      extraNames: ['../../evil', '/etc/evil', 'C:\\evil', '..\\evil', 'config.json/../../../evil'],
    });
    const settings = settingsFor(server, cacheFolder);
    const pulled = await pullModel(await planPull('mert-v1-330m', settings), settings);
    expect((await readdir(pulled.folder)).sort()).toEqual([...pulled.files].sort());
    expect(server.requests.some(({ path: at }) => at.includes('evil'))).toBe(false);
  });

  test.each(['../../../../evil', 'a'.repeat(39), 'main'])('refuses a commit named %s', async (commit) => {
    server.repositories.set(mertRepository, { ...repository, commit });
    const failure = await failureOf(planPull('mert-v1-330m', settingsFor(server, cacheFolder), options));
    expect(failure.code).toBe('download-failed');
    expect(failure.message).toContain('does not answer as the Hub does');
  });
});

describe('downloading', () => {
  const plan = () => planPull('mert-v1-330m', settingsFor(server, cacheFolder), options);
  const failPull = async (): Promise<BangerError> =>
    failureOf(pullModel(await plan(), settingsFor(server, cacheFolder), options));

  test('bytes with another hash deletes them and says so', async () => {
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' }, { kind: 'wrong-bytes' });
    const failure = await failPull();
    expect(failure.code).toBe('download-corrupt');
    expect(failure.message).toContain('deleted');
    await expect(stat(partialFile())).rejects.toThrow();
  });

  test('a small file with another hash', async () => {
    server.contentFaults.push({ kind: 'wrong-bytes' });
    expect((await failPull()).code).toBe('download-corrupt');
  });

  test('more bytes than were announced', async () => {
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' }, { kind: 'too-long' });
    expect((await failPull()).code).toBe('download-corrupt');
  });

  test('from a server that keeps failing gives up and keeps what has arrived', async () => {
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' });
    server.contentFaults.push(
      { kind: 'cut', afterBytes: 200_000 },
      ...repeat({ kind: 'status', status: 502 }),
    );
    expect((await failPull()).code).toBe('download-failed');
    expect((await stat(partialFile())).size).toBeGreaterThan(0);
  });

  test('from a Hub that went away', async () => {
    const planned = await plan();
    const settings = settingsFor(server, cacheFolder);
    await server.stop();
    const failure = await failureOf(pullModel(planned, settings, options));
    expect(failure.code).toBe('network-unreachable');
  });

  test('onto a disk without room fetches nothing', async () => {
    const planned = await plan();
    server.requests.length = 0;
    const measureFreeBytes = (): Promise<number> => Promise.resolve(123_000_000);
    const large = { ...planned, totalBytes: 2e9, remainingBytes: 2e9 };
    const settings = settingsFor(server, cacheFolder);
    const failure = await failureOf(pullModel(large, settings, { ...options, measureFreeBytes }));
    expect(failure.code).toBe('disk-full');
    expect(failure.message).toContain('2.07 GB are needed, 123 MB are free');
    expect(server.requests).toEqual([]);
  });

  test.runIf(canMount())('onto a disk that fills up on the way keeps what has arrived', async () => {
    const disk = await makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]);
    try {
      const settings = settingsFor(server, disk);
      const planned = await planPull('mert-v1-330m', settings, options);
      const measureFreeBytes = (): Promise<number> => Promise.resolve(1e12);
      const failure = await failureOf(pullModel(planned, settings, { ...options, measureFreeBytes }));
      expect(failure.code).toBe('disk-full');
      expect((await stat(partialFile(disk))).size).toBeGreaterThan(100_000);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['Thu, 01 Jan 1969 00:00:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
  ])('%j means %j milliseconds', (header, expected) => {
    expect(parseRetryAfter(header, 0)).toBe(expected);
  });
});

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}

/** Whether this process may make a small disk of its own, as an administrator outside a container may. */
function canMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'banger-mount-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) return false;
    execFileSync('umount', [folder]);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
