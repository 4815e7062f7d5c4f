/** Two processes that pull the same model at once, and one that dies in the middle of it. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HubServer, sha256 } from '../../support/hub-server.ts';
import { makeMertRepository, mertRepository } from '../../support/hub-fixtures.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const script = path.join(import.meta.dirname, '../../support/pull-model.ts');
const repository = makeMertRepository(4_000_000);
const weights = repository.files['pytorch_model.bin']?.bytes ?? Buffer.alloc(0);
let server: HubServer;
let cacheFolder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = await HubServer.start();
  server.repositories.set(mertRepository, repository);
  server.pace = { chunkBytes: 100_000, pauseMs: 25 };
  cacheFolder = await makeFolder();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await server.stop();
});

function startPull(): { child: ChildProcess; finished: Promise<string> } {
  const child = fork(script, [server.endpoint, cacheFolder, 'mert-v1-330m'], { silent: true });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const finished = once(child, 'close').then(([exitCode]) => {
    expect({ exitCode: exitCode as unknown, output }).toMatchObject({ exitCode: 0 });
    return output;
  });
  return { child, finished };
}

const blobsFolder = (): string => path.join(cacheFolder, 'models--m-a-p--MERT-v1-330M', 'blobs');

test('two processes download once between them and both end with the model', async () => {
  const outputs = await Promise.all([startPull().finished, startPull().finished]);
  for (const output of outputs) {
    const { receivedBytes, totalBytes } = JSON.parse(output) as { receivedBytes: number; totalBytes: number };
    expect(receivedBytes).toBe(totalBytes);
  }
  expect(await readFile(path.join(blobsFolder(), sha256(weights)))).toEqual(weights);
  expect((await readdir(blobsFolder())).filter((name) => name.includes('incomplete'))).toEqual([]);
  expect(server.contentRanges('pytorch_model.bin')).toEqual([undefined]);
});

test('a process that was killed leaves a lock that the next one takes over, and bytes that it keeps', async () => {
  const { child, finished } = startPull();
  const gone = finished.catch(() => 'killed');
  await new Promise<void>((resolve) => {
    child.on('message', (message: { receivedBytes: number }) => {
      if (message.receivedBytes > 1_000_000) resolve();
    });
  });
  child.kill('SIGKILL');
  await gone;
  const locks = path.join(cacheFolder, '.locks', 'models--m-a-p--MERT-v1-330M');
  expect(await readdir(locks)).toHaveLength(1);
  server.pace = null;
  await startPull().finished;
  const [first, second] = server.contentRanges('pytorch_model.bin');
  expect(first).toBeUndefined();
  expect(second).toMatch(/^bytes=\d{6,}-$/);
  expect(await readFile(path.join(blobsFolder(), sha256(weights)))).toEqual(weights);
  expect(await readdir(locks)).toEqual([]);
});
