/** Downloads from a Hub on loopback: what is fetched, resumed, checked, cancelled and shared. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planPull, pullModel, type PullOptions } from '../../../src/engine/models/model-pull.ts';
import type { TransferProgress } from '../../../src/engine/models/transfer-meter.ts';
import { HubServer, gitSha1, sha256 } from '../../support/hub-server.ts';
import {
  headCommit,
  headRepository,
  makeHeadRepository,
  makeMertRepository,
  mertCommit,
  mertRepository,
  quickPolicy,
  settingsFor,
} from '../../support/hub-fixtures.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const repository = makeMertRepository();
const weights = repository.files['pytorch_model.bin']?.bytes ?? Buffer.alloc(0);
let server: HubServer;
let cacheFolder: string;

beforeEach(async () => {
  server = await HubServer.start();
  server.repositories.set(mertRepository, repository);
  server.repositories.set(headRepository, makeHeadRepository());
  cacheFolder = await makeFolder();
});

afterEach(async () => {
  await server.stop();
});

const repositoryFolder = (): string => path.join(cacheFolder, 'models--m-a-p--MERT-v1-330M');
const weightsBlob = (): string => path.join(repositoryFolder(), 'blobs', sha256(weights));
const snapshotFile = (name: string): string => path.join(repositoryFolder(), 'snapshots', mertCommit, name);

async function pull(options: PullOptions = {}, settings = settingsFor(server, cacheFolder)) {
  const plan = await planPull('mert-v1-330m', settings, { policy: quickPolicy });
  return pullModel(plan, settings, { policy: quickPolicy, ...options });
}

async function leavePartial(bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(weightsBlob()), { recursive: true });
  await writeFile(`${weightsBlob()}.incomplete`, bytes);
}

describe('a plan', () => {
  test('states files, sizes, licence and destination before anything is fetched', async () => {
    const plan = await planPull('mert-v1-330m', settingsFor(server, cacheFolder));
    expect(plan.files.map((file) => file.path)).toEqual([
      'config.json',
      'preprocessor_config.json',
      'pytorch_model.bin',
    ]);
    const sizes = plan.files.map((file) => file.sizeBytes);
    expect(plan.totalBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(plan.remainingBytes).toBe(plan.totalBytes);
    expect(sizes[2]).toBe(weights.length);
    expect(plan.licence).toMatchObject({ name: 'CC-BY-NC-4.0', needsAcceptance: true });
    expect(plan.licence.note).toMatch(/non-commercial/);
    expect(plan.licenceOnCard).toBe('cc-by-nc-4.0');
    expect(plan.destination).toBe(path.dirname(snapshotFile('config.json')));
    expect(await readdir(cacheFolder)).toEqual([]);
    expect(server.requests.every(({ host }) => host === 'hub')).toBe(true);
  });

  test('prefers safetensors where the repository has them', async () => {
    const both = makeMertRepository();
    both.files['model.safetensors'] = { bytes: randomBytes(10_000), isLarge: true };
    server.repositories.set(mertRepository, both);
    const plan = await planPull('mert-v1-330m', settingsFor(server, cacheFolder));
    expect(plan.files.map((file) => file.path)).toContain('model.safetensors');
    expect(plan.files.map((file) => file.path)).not.toContain('pytorch_model.bin');
  });

  test('never holds the token', async () => {
    const plan = await planPull('banger', settingsFor(server, cacheFolder, { token: 'hf_secret' }));
    expect(JSON.stringify(plan)).not.toContain('hf_secret');
  });

  test('counts what an earlier attempt left', async () => {
    await leavePartial(weights.subarray(0, 600_000));
    const plan = await planPull('mert-v1-330m', settingsFor(server, cacheFolder));
    expect(plan.totalBytes - plan.remainingBytes).toBe(600_000);
  });
});

describe('a pull', () => {
  test('leaves the layout of the Hugging Face cache', async () => {
    const pulled = await pull();
    expect(pulled.folder).toBe(path.dirname(snapshotFile('config.json')));
    expect(await readFile(snapshotFile('pytorch_model.bin'))).toEqual(weights);
    expect(await readlink(snapshotFile('pytorch_model.bin'))).toBe(
      path.join('..', '..', 'blobs', sha256(weights)),
    );
    const config = repository.files['config.json']?.bytes ?? Buffer.alloc(0);
    const blobs = await readdir(path.join(repositoryFolder(), 'blobs'));
    expect(blobs).toContain(gitSha1(config));
    expect(blobs.filter((name) => name.endsWith('.incomplete'))).toEqual([]);
    expect(await readFile(path.join(repositoryFolder(), 'refs', 'main'), 'utf8')).toBe(mertCommit);
    expect(await readdir(path.join(cacheFolder, '.locks', 'models--m-a-p--MERT-v1-330M'))).toEqual([]);
  });

  test('fetches a head by its one file', async () => {
    const settings = settingsFor(server, cacheFolder);
    const pulled = await pullModel(await planPull('banger', settings), settings);
    expect(pulled.files).toEqual(['scorer_model.pt']);
    expect(pulled.folder).toContain(headCommit);
  });

  test('fetches nothing that is here already, whoever put it there', async () => {
    await pull();
    server.requests.length = 0;
    const settings = settingsFor(server, cacheFolder);
    const plan = await planPull('mert-v1-330m', settings);
    expect(plan.remainingBytes).toBe(0);
    await pullModel(plan, settings);
    expect(server.requests.filter(({ method }) => method === 'GET').map(({ path: at }) => at)).toEqual([
      `/api/models/${mertRepository}/revision/main`,
    ]);
  });

  test('takes a blob of another revision over instead of fetching it again', async () => {
    await pull();
    const commit = 'b'.repeat(40);
    server.repositories.set(mertRepository, { ...repository, commit });
    server.requests.length = 0;
    const pulled = await pull();
    expect(pulled.folder).toContain(commit);
    expect(await readFile(path.join(pulled.folder, 'pytorch_model.bin'))).toEqual(weights);
    expect(server.contentRanges('pytorch_model.bin')).toEqual([]);
  });

  test('goes on where a cut connection ended, asking only for the rest', async () => {
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' }, { kind: 'cut', afterBytes: 400_000 });
    await pull();
    const ranges = server.contentRanges('pytorch_model.bin');
    expect(ranges).toHaveLength(2);
    expect(ranges[0]).toBeUndefined();
    const start = Number(/^bytes=(\d+)-$/.exec(ranges[1] ?? '')?.[1]);
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(400_000);
    expect(await readFile(weightsBlob())).toEqual(weights);
    const resumed = server.requests.findLast(({ host }) => host === 'storage');
    expect(resumed?.headers['if-range']).toMatch(/^"storage-/);
  });

  test('goes on with what an earlier run left', async () => {
    await leavePartial(weights.subarray(0, 700_000));
    const events: TransferProgress[] = [];
    await pull({ onProgress: (progress) => events.push(progress) });
    expect(server.contentRanges('pytorch_model.bin')).toEqual(['bytes=700000-']);
    expect(await readFile(weightsBlob())).toEqual(weights);
    expect(events.some((event) => event.receivedBytes >= 700_000 && event.bytesPerSecond === null)).toBe(
      true,
    );
  });

  test('starts over when the server ignores the range', async () => {
    await leavePartial(weights.subarray(0, 700_000));
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' }, { kind: 'ignore-range' });
    await pull();
    expect(server.contentRanges('pytorch_model.bin')).toEqual(['bytes=700000-']);
    expect(await readFile(weightsBlob())).toEqual(weights);
  });

  test('starts over when the server answers with another part', async () => {
    await leavePartial(weights.subarray(0, 700_000));
    server.contentFaults.push({ kind: 'none' }, { kind: 'none' }, { kind: 'shifted-range' });
    await pull();
    expect(server.contentRanges('pytorch_model.bin')).toEqual(['bytes=700000-', undefined]);
    expect(await readFile(weightsBlob())).toEqual(weights);
  });

  test.each([
    ['damaged', randomBytes(700_000)],
    ['longer than the file', randomBytes(1_000_001)],
    ['as long as the file, but another', randomBytes(1_000_000)],
  ])('is not misled by a partial file that is %s', async (_, bytes) => {
    await leavePartial(bytes);
    await pull();
    expect(await readFile(weightsBlob())).toEqual(weights);
  });

  test('needs no request for a partial file that is whole', async () => {
    await leavePartial(weights);
    await pull();
    expect(server.contentRanges('pytorch_model.bin')).toEqual([]);
    expect(await readFile(weightsBlob())).toEqual(weights);
  });

  test('tries again after server errors, an expired address and a stall', async () => {
    server.contentFaults.push({ kind: 'status', status: 500 }, { kind: 'none' }, { kind: 'none' });
    server.contentFaults.push({ kind: 'status', status: 403 }, { kind: 'stall', afterBytes: 300_000 });
    server.contentFaults.push({ kind: 'status', status: 503 });
    await pull();
    expect(await readFile(weightsBlob())).toEqual(weights);
    expect(server.contentFaults).toEqual([]);
  });

  test('waits as long as a 429 asks for', async () => {
    server.contentFaults.push({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
    const startMs = performance.now();
    await pull();
    expect(performance.now() - startMs).toBeGreaterThan(900);
  });

  test('says how far, how fast and how long to go', async () => {
    server.pace = { chunkBytes: 50_000, pauseMs: 40 };
    const events: TransferProgress[] = [];
    await pull({ onProgress: (progress) => events.push(progress) });
    const last = events.at(-1);
    expect(last?.receivedBytes).toBe(last?.totalBytes);
    expect(last?.etaSeconds).toBe(0);
    const received = events.map((event) => event.receivedBytes);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    const underway = events.find(({ bytesPerSecond }) => bytesPerSecond !== null && bytesPerSecond > 0);
    expect(underway?.file).toBe('pytorch_model.bin');
    expect(underway?.etaSeconds).toBeGreaterThan(0);
  });

  test('sends the token to the Hub and never to the storage', async () => {
    server.requiredToken = 'hf_secret';
    await pull({}, settingsFor(server, cacheFolder, { token: 'hf_secret' }));
    const storage = server.requests.filter(({ host }) => host === 'storage');
    expect(storage.length).toBeGreaterThan(0);
    expect(JSON.stringify(storage)).not.toContain('hf_secret');
    const hub = server.requests.filter(({ host }) => host === 'hub');
    expect(hub.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true);
  });

  test('keeps the partial file when cancelled, and resumes it', async () => {
    server.pace = { chunkBytes: 50_000, pauseMs: 20 };
    const controller = new AbortController();
    const onProgress = ({ receivedBytes }: TransferProgress): void => {
      if (receivedBytes > 300_000) controller.abort();
    };
    await expect(pull({ signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const { size } = await stat(`${weightsBlob()}.incomplete`);
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(weights.length);
    await expect(readFile(path.join(repositoryFolder(), 'refs', 'main'))).rejects.toThrow();
    server.pace = null;
    await pull();
    expect(server.contentRanges('pytorch_model.bin')).toEqual([undefined, `bytes=${size}-`]);
    expect(await readFile(weightsBlob())).toEqual(weights);
  });

  test('does not start when it was cancelled before', async () => {
    const settings = settingsFor(server, cacheFolder);
    const plan = await planPull('mert-v1-330m', settings);
    server.requests.length = 0;
    await expect(pullModel(plan, settings, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(server.requests).toEqual([]);
  });
});
