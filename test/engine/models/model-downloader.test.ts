/** The download in the background: several models, paused, resumed, broken and ended. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelChecks } from '../../../src/engine/models/model-checks.ts';
import { ModelDownloader } from '../../../src/engine/models/model-downloader.ts';
import { ModelStore } from '../../../src/engine/models/model-store.ts';
import { modelDownloadSchema, type ModelDownload } from '../../../src/shared/model-commands.ts';
import {
  headRepository,
  makeHeadRepository,
  makeMertRepository,
  mertRepository,
  quickPolicy,
  settingsFor,
} from '../../support/hub-fixtures.ts';
import { HubServer } from '../../support/hub-server.ts';
import { waitUntil } from '../../support/processes.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const ids = ['mert-v1-330m', 'banger'];
const mert = makeMertRepository();
const head = makeHeadRepository();
const totalBytes = [mert, head].reduce((sum, { files }) => {
  const pulled = Object.entries(files).filter(([name]) => name !== 'README.md');
  return sum + pulled.reduce((bytes, [, file]) => bytes + file.bytes.length, 0);
}, 0);

let server: HubServer;
let cacheFolder: string;
let downloader: ModelDownloader;
let told: ModelDownload[];
let finished: number;

beforeEach(async () => {
  server = await HubServer.start();
  server.repositories.set(mertRepository, mert);
  server.repositories.set(headRepository, head);
  cacheFolder = await makeFolder();
  const settings = settingsFor(server, cacheFolder);
  told = [];
  finished = 0;
  downloader = new ModelDownloader({
    settings: () => settings,
    policy: quickPolicy,
    onProgress: (download) => told.push(modelDownloadSchema.parse(download)),
    onFinished: () => {
      finished += 1;
    },
  });
});

afterEach(async () => {
  await downloader.close();
  await server.stop();
});

const hasEnded = () => downloader.download.state !== 'running';
/** Slow enough to interfere. */
const slowDown = () => {
  server.pace = { chunkBytes: 20_000, pauseMs: 10 };
};
const someArrived = () => downloader.download.receivedBytes > 200_000;

async function installed(): Promise<string[]> {
  const modelsFolder = await makeFolder();
  const store = new ModelStore({ modelsFolder, settings: { cacheFolder }, checks: modelChecks });
  return (await store.listModels()).filter(({ state }) => state === 'installed').map(({ id }) => id);
}

test('brings several models, counted together, and says when they are there', async () => {
  expect(downloader.download).toMatchObject({ state: 'idle', ids: [] });
  await downloader.start(ids);
  expect(downloader.download).toMatchObject({ state: 'running', ids });
  await waitUntil('it has ended', hasEnded);
  expect(downloader.download).toMatchObject({
    state: 'finished',
    ids,
    receivedBytes: totalBytes,
    totalBytes,
    error: null,
  });
  const received = told.map(({ receivedBytes }) => receivedBytes);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
  expect(finished).toBe(1);
  expect(await installed()).toEqual(ids);
});

test('a pause keeps what has arrived, and the next start goes on there', async () => {
  slowDown();
  await downloader.start(ids);
  await waitUntil('some has arrived', someArrived);
  await downloader.pause();
  const { receivedBytes } = downloader.download;
  expect(downloader.download).toMatchObject({ state: 'paused', totalBytes, bytesPerSecond: null });
  expect(finished).toBe(0);
  expect(told.at(-1)?.state).toBe('paused');

  server.pace = null;
  await downloader.start(ids);
  expect(downloader.download.receivedBytes).toBe(receivedBytes);
  await waitUntil('it has ended', hasEnded);
  expect(downloader.download).toMatchObject({ state: 'finished', receivedBytes: totalBytes });
  const [first, second] = server.contentRanges('pytorch_model.bin');
  expect(first).toBeUndefined();
  expect(Number(/^bytes=(\d+)-$/.exec(second ?? '')?.[1])).toBeGreaterThanOrEqual(200_000);
  expect(told.slice(-5).every((download) => download.receivedBytes >= receivedBytes)).toBe(true);
  expect(await installed()).toEqual(ids);
});

test('a failure is told with its reason and keeps what has arrived', async () => {
  slowDown();
  await downloader.start(ids);
  await waitUntil('some has arrived', someArrived);
  await downloader.pause();
  server.pace = null;
  for (let fault = 0; fault < 6; fault += 1) server.contentFaults.push({ kind: 'status', status: 503 });
  await downloader.start(ids);
  await waitUntil('it has ended', hasEnded);
  expect(downloader.download).toMatchObject({ state: 'failed', error: { code: 'download-failed' } });
  expect(downloader.download.receivedBytes).toBeGreaterThan(200_000);

  server.contentFaults.length = 0;
  await downloader.start(ids);
  expect(downloader.download).toMatchObject({ state: 'running', error: null });
  await waitUntil('it has ended', hasEnded);
  expect(downloader.download.state).toBe('finished');
});

test('a Hub that cannot be reached fails before anything is fetched', async () => {
  await server.stop();
  await downloader.start(ids);
  await waitUntil('it has ended', hasEnded);
  expect(downloader.download).toMatchObject({ state: 'failed', error: { code: 'network-unreachable' } });
});

test('one download at a time; the same again changes nothing', async () => {
  slowDown();
  await downloader.start(ids);
  await downloader.start(['banger']);
  expect(downloader.download.ids).toEqual(ids);
  await expect(downloader.start(['mert-v1-95m'])).rejects.toMatchObject({ code: 'usage' });
  expect(downloader.download).toMatchObject({ state: 'running', ids });
});

test('what cannot be downloaded is refused at once', async () => {
  await expect(downloader.start(['draft'])).rejects.toMatchObject({ code: 'usage' });
  await expect(downloader.start(['no-such-model'])).rejects.toMatchObject({ code: 'model-missing' });
  expect(told).toEqual([]);
});

test('two starts at once make one download', async () => {
  await Promise.all([downloader.start(ids), downloader.start(ids)]);
  expect(told).toHaveLength(1);
  await waitUntil('it has ended', hasEnded);
  expect(finished).toBe(1);
  expect(server.contentRanges('pytorch_model.bin')).toHaveLength(1);
});

test('nothing goes on after close', async () => {
  slowDown();
  await downloader.start(ids);
  await waitUntil('some has arrived', someArrived);
  await downloader.close();
  const requests = server.requests.length;
  expect(downloader.download.state).toBe('paused');
  await expect(downloader.start(ids)).rejects.toMatchObject({ code: 'cancelled' });
  expect(server.requests).toHaveLength(requests);
});
