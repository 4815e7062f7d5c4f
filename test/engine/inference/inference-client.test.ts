/** The inference process starts when needed, ends when idle, and neither its crash nor a cancel loses the engine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { InferenceChannel, InferenceExit } from '../../../src/engine/inference/inference-channel.ts';
import { launchInferenceProcess } from '../../../src/engine/inference/inference-channel.ts';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { InferenceClientOptions } from '../../../src/engine/inference/inference-client.ts';
import { buildDraftEncoderGraph, buildDraftHeadGraph } from '../../../src/engine/models/draft-graph.ts';
import { OnnxGraphBuilder } from '../../../src/engine/models/onnx-writer.ts';
import { standInGraph } from '../../../src/engine/models/stand-in-graph.ts';
import { embeddingOutputName, encoderInputName } from '../../../src/shared/graphs.ts';
import { isRunning, waitUntil } from '../../support/processes.ts';

const encoder = { key: 'draft', build: () => Promise.resolve(buildDraftEncoderGraph()) };
const head = { key: 'draft', build: () => Promise.resolve(buildDraftHeadGraph()) };

const oneSecond = Float32Array.from({ length: 24_000 }, (_, index) => Math.sin(index / 10) / 2);
/** Keeps the encoder busy for seconds, so that something can happen meanwhile. */
const tenMinutes = new Float32Array(10 * 60 * 24_000).fill(0.1);

const clients: InferenceClient[] = [];
const newClient = (options?: InferenceClientOptions): InferenceClient => {
  const client = new InferenceClient(options);
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

const processIdOf = async (client: InferenceClient) => (await client.status()).processId;

describe('a call', () => {
  test('gives the same embedding every time, and a score from it', async () => {
    const client = newClient();
    const first = await client.encode(encoder, oneSecond);
    const second = await client.encode(encoder, oneSecond);
    expect(second.embedding).toEqual(first.embedding);
    expect(first.hiddenState).toBeNull();
    const [one, ...rest] = await client.score(head, first.embedding);
    expect(one).toSatisfy(Number.isFinite);
    expect(rest).toEqual([]);
  });

  test('waits for its turn behind others', async () => {
    const client = newClient();
    const order: number[] = [];
    await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        await client.encode(encoder, oneSecond);
        order.push(index);
      }),
    );
    expect(order).toEqual([0, 1, 2, 3]);
  });

  test('takes the model of the full window for a clip of that length, another one for all others', async () => {
    const sampleCount = 100;
    const meanPlus = (offset: number) => {
      const graph = new OnnxGraphBuilder('mean');
      const mean = graph.node('ReduceMean', [
        graph.input(encoderInputName, 'F32', [1, 'samples']),
        graph.integers([1]),
      ]);
      graph.node('Add', [mean, graph.scalar(offset)], { outputs: [embeddingOutputName] });
      graph.output(embeddingOutputName, 'F32', [1, 1]);
      return standInGraph(graph, { minimumSamples: 1, embeddingSize: 1 });
    };
    const windowed = {
      key: 'windowed',
      build: () => Promise.resolve({ ...meanPlus(0), window: { onnx: meanPlus(1).onnx, sampleCount } }),
    };
    const client = newClient();
    for (const [length, expected] of [
      [sampleCount, 1],
      [sampleCount - 1, 0],
      [sampleCount, 1],
    ] as const) {
      expect((await client.encode(windowed, new Float32Array(length))).embedding).toEqual(
        Float32Array.of(expected),
      );
    }
  });

  test('waits for what the client stands aside for whose place it takes', async () => {
    const former = newClient();
    const { promise: work, resolve: endWork } = Promise.withResolvers<undefined>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<undefined>();
    const standing = former.standAside(() => {
      begin(undefined);
      return work;
    });
    await begun;
    const next = newClient({ after: former.free });
    await former.close();
    const events: string[] = [];
    const encoded = next.encode(encoder, oneSecond).then(() => events.push('encoded'));
    await sleep(300);
    events.push('work ended');
    endWork(undefined);
    await Promise.all([standing, encoded]);
    expect(events).toEqual(['work ended', 'encoded']);
  });

  test('scores an empty batch as nothing', async () => {
    expect(await newClient().score(head, new Float32Array())).toHaveLength(0);
  });

  test('keeps the code of an error from the other process', async () => {
    const client = newClient();
    await expect(client.encode(encoder, new Float32Array(399))).rejects.toMatchObject({ code: 'too-short' });
    await expect(client.score(head, new Float32Array(7))).rejects.toMatchObject({
      code: 'checkpoint-mismatch',
    });
  });

  test('reports what the process holds', async () => {
    const client = newClient();
    await client.encode(encoder, oneSecond);
    await client.score(head, (await client.encode(encoder, oneSecond)).embedding);
    const status = await client.status();
    expect(status.encoders).toEqual([{ key: 'draft', provider: 'cpu' }]);
    expect(status.heads).toEqual(['draft']);
    expect(status.providers).toContain('cpu');
    expect(status.peakResidentBytes).toBeGreaterThanOrEqual(status.residentBytes);
  });
});

describe('a model that cannot be used', () => {
  test('a provider that this build lacks is refused with those that it has', async () => {
    await expect(newClient({ provider: 'abacus' }).encode(encoder, oneSecond)).rejects.toMatchObject({
      code: 'provider-unknown',
      nextStep: expect.stringContaining('cpu') as string,
    });
  });

  test('a graph that is no graph is refused, and the process lives on', async () => {
    const client = newClient();
    const broken = {
      key: 'broken',
      build: () => Promise.resolve({ ...buildDraftHeadGraph(), onnx: oneSecondBytes }),
    };
    const processId = await processIdOf(client);
    await expect(client.score(broken, oneSecond)).rejects.toMatchObject({ code: 'inference-failed' });
    expect(await processIdOf(client)).toBe(processId);
  });
});
const oneSecondBytes = new Uint8Array(oneSecond.buffer);

describe('the process', () => {
  test('killed in a run: the run is rejected, what waits goes on in a new process', async () => {
    const client = newClient();
    const processId = await processIdOf(client);
    await client.load(encoder);
    const running = client.encode(encoder, tenMinutes);
    const waiting = client.encode(encoder, oneSecond);
    await sleep(100);
    process.kill(processId, 'SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'inference-crashed' });
    expect((await waiting).embedding).toHaveLength(buildDraftEncoderGraph().embeddingSize);
    expect(await processIdOf(client)).not.toBe(processId);
  });

  test('killed between runs: the next call does not notice', async () => {
    const client = newClient();
    const processId = await processIdOf(client);
    process.kill(processId, 'SIGKILL');
    await waitUntil('the process is gone', () => !isRunning(processId));
    await client.encode(encoder, oneSecond);
    expect(await processIdOf(client)).not.toBe(processId);
  });

  test('ends when idle and comes back', async () => {
    const client = newClient({ idleSeconds: 0.1 });
    const processId = await processIdOf(client);
    await waitUntil('the idle process is gone', () => !isRunning(processId));
    await client.encode(encoder, oneSecond);
    expect(await processIdOf(client)).not.toBe(processId);
  });

  test('that is just being ended for idleness takes no call with it', async () => {
    const killed = Promise.withResolvers<undefined>();
    const launch = (): InferenceChannel => {
      const channel = launchInferenceProcess();
      const kill = () => {
        channel.kill();
        killed.resolve(undefined);
      };
      return { ...channel, kill };
    };
    const client = newClient({ idleSeconds: 0.1, launch });
    const processId = await processIdOf(client);
    // It is told to end, and has not ended yet.
    await killed.promise;
    expect(await processIdOf(client)).not.toBe(processId);
  });

  test('goes with an engine that is killed', async () => {
    const program = join(import.meta.dirname, '..', '..', 'support', 'orphan-inference.ts');
    const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const processId = Number(chunk.toString());
    expect(isRunning(processId)).toBe(true);
    parent.kill('SIGKILL');
    await waitUntil('the orphan is gone', () => !isRunning(processId));
  });

  test('lets a program that closes it end in good order', async () => {
    const program = join(import.meta.dirname, '..', '..', 'support', 'close-inference.ts');
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [exitCode] = (await once(child, 'close')) as [number];
    expect({ output, exitCode }).toEqual({ output: 'closed\n', exitCode: 0 });
  });

  test('is gone after close, and no call comes through any more', async () => {
    const client = newClient();
    const processId = await processIdOf(client);
    await client.close();
    expect(isRunning(processId)).toBe(false);
    await expect(client.encode(encoder, oneSecond)).rejects.toMatchObject({ code: 'cancelled' });
    await client.close();
  });
});

describe('a cancelled call', () => {
  test('that runs ends at once, with the process, and the next call works', async () => {
    const client = newClient();
    const processId = await processIdOf(client);
    await client.load(encoder);
    const controller = new AbortController();
    const running = client.encode(encoder, tenMinutes, { signal: controller.signal });
    await sleep(100);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await waitUntil('the process is gone', () => !isRunning(processId));
    expect((await client.encode(encoder, oneSecond)).embedding.every(Number.isFinite)).toBe(true);
  });

  test('that waits leaves the running one alone', async () => {
    const client = newClient();
    const controller = new AbortController();
    const running = client.encode(encoder, oneSecond);
    const waiting = client.encode(encoder, oneSecond, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect((await running).embedding).toHaveLength(buildDraftEncoderGraph().embeddingSize);
  });
});

describe('messages that are not what they should be', () => {
  /** A process that answers every call with the same value. */
  const answering = (value: unknown) => (): InferenceChannel => {
    let listener: (message: unknown) => void = () => undefined;
    let exitListener: (exit: InferenceExit) => void = () => undefined;
    return {
      send: (message) => {
        queueMicrotask(() => {
          listener(null);
          listener('noise');
          listener({ t: 's', i: (message as { i: string }).i, r: value });
        });
      },
      onMessage: (added) => {
        listener = added;
      },
      onExit: (added) => {
        exitListener = added;
      },
      kill: () => {
        exitListener({ code: null, signal: 'SIGKILL', stderrTail: '' });
      },
      setKeepsAlive: () => undefined,
    };
  };

  test.each([
    undefined,
    42,
    {},
    { ok: true },
    { ok: true, value: { processId: 'seven' } },
    { ok: false, error: {} },
  ])('%j is refused', async (value) => {
    await expect(newClient({ launch: answering(value) }).status()).rejects.toMatchObject({
      code: 'internal',
    });
  });
});
