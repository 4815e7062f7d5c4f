/** A provider that crashes, hangs, lies or is not there loses the calibration and is named; each in a real process. */
import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { CalibrationCandidate } from '../../../src/engine/inference/calibrate-providers.ts';
import { calibrateProviders } from '../../../src/engine/inference/calibrate-providers.ts';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { buildDraftEncoderGraph } from '../../../src/engine/models/draft-graph.ts';
import { makeCalibrationClip } from '../../../src/engine/calibration-clip.ts';
import { fastestVariant } from '../../../src/shared/calibration.ts';
import type { EncoderGraph } from '../../../src/shared/graphs.ts';
import { isRunning } from '../../support/processes.ts';

const clip = makeCalibrationClip(2, 24_000);

const candidate = (
  key: string,
  build: () => Promise<EncoderGraph> = () => Promise.resolve(buildDraftEncoderGraph()),
  provider = 'cpu',
): CalibrationCandidate => ({ provider, precision: 'fp32', threads: 0, encoder: { key, build } });

const reference = candidate('right');

/** The draft that forgets to be normalised: a graph with other numbers of the same form. */
const lying = candidate('lying', () =>
  Promise.resolve({ ...buildDraftEncoderGraph(), normalizesInput: true }),
);

describe('a calibration', () => {
  test('finds what works, how fast, and how near', async () => {
    const told: string[] = [];
    const { variants, runtimeVersion } = await calibrateProviders([reference, candidate('again')], {
      clip,
      onProgress: ({ doneCount, totalCount }) => told.push(`${doneCount}/${totalCount}`),
    });
    expect(variants.map(({ outcome }) => outcome)).toEqual(['works', 'works']);
    expect(variants[1]?.cosine).toBeCloseTo(1, 6);
    expect(
      variants.every(({ sessionSeconds, peakBytes }) => sessionSeconds !== null && peakBytes !== null),
    ).toBe(true);
    expect(runtimeVersion).toMatch(/^\d+\.\d+/);
    expect(told).toEqual(['0/2', '1/2']);
    const times = variants.map(({ secondsPerWindow }) => secondsPerWindow ?? NaN);
    expect(fastestVariant(variants)?.secondsPerWindow).toBe(Math.min(...times));
  });

  test('goes on behind one that lies, is unknown or is refused, and names the reason', async () => {
    const notAGraph = candidate('broken', () =>
      Promise.resolve({ ...buildDraftEncoderGraph(), onnx: new Uint8Array(400) }),
    );
    const unknown = candidate('elsewhere', undefined, 'abacus');
    const { variants } = await calibrateProviders(
      [reference, lying, notAGraph, unknown, candidate('again')],
      {
        clip,
      },
    );
    expect(variants.map(({ outcome }) => outcome)).toEqual(['works', 'wrong', 'failed', 'failed', 'works']);
    const [, wrong, refused, absent] = variants;
    expect(wrong?.reason).toMatch(/other numbers than the processor: they agree to 0\.\d+ only/);
    expect(refused).toMatchObject({
      reason: 'ONNX Runtime could not load the model.',
      secondsPerWindow: null,
    });
    expect(refused?.details).not.toBe('');
    expect(absent?.reason).toContain('abacus');
    expect(fastestVariant([...variants].slice(1, 4))).toBeNull();
  });

  test('goes on behind one whose process is killed in the middle', async () => {
    const clients: InferenceClient[] = [];
    const dying = candidate('dying', async () => {
      const client = clients.at(-1);
      if (client === undefined) throw new Error('no process');
      killLater(await processIdOf(client));
      // The graph never comes: the process dies while it is waited for.
      return new Promise<EncoderGraph>(() => undefined);
    });
    const processIds = new Map<InferenceClient, number>();
    const processIdOf = (client: InferenceClient) => Promise.resolve(processIds.get(client) ?? 0);
    const { variants } = await calibrateProviders([reference, dying, candidate('again')], {
      clip,
      open: (session) => {
        const client = new InferenceClient(session);
        const status = client.status.bind(client);
        client.status = async (signal) => {
          const found = await status(signal);
          processIds.set(client, found.processId);
          return found;
        };
        clients.push(client);
        return client;
      },
    });
    expect(variants.map(({ outcome }) => outcome)).toEqual(['works', 'crashed', 'works']);
    expect(variants[1]?.reason).toBe('Its process crashed.');
    expect(variants[1]?.details).toContain('SIGKILL');
    for (const processId of processIds.values()) expect(isRunning(processId)).toBe(false);
  });

  test('ends one that hangs', async () => {
    const hanging = candidate('hanging', () => new Promise<EncoderGraph>(() => undefined));
    const { variants } = await calibrateProviders([reference, hanging, candidate('again')], {
      clip: clip.subarray(0, 24_000),
      limits: { referenceSeconds: 60, leastSeconds: 2 },
    });
    expect(variants.map(({ outcome }) => outcome)).toEqual(['works', 'timed-out', 'works']);
    expect(variants[1]?.reason).toMatch(/not done after \d+ s and was ended/);
  });

  test('cannot be made without the reference, and can be cancelled', async () => {
    const broken = candidate('broken', () =>
      Promise.resolve({ ...buildDraftEncoderGraph(), onnx: new Uint8Array(400) }),
    );
    await expect(calibrateProviders([broken], { clip })).rejects.toMatchObject({ code: 'inference-failed' });
    const hanging = candidate('hanging', () => new Promise<EncoderGraph>(() => undefined));
    const late = calibrateProviders([hanging], { clip, limits: { referenceSeconds: 1, leastSeconds: 1 } });
    // Not `cancelled`, which nobody is told of: the person did not end it.
    await expect(late).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('not done after 1 s') as string,
    });
    const controller = new AbortController();
    const cancelled = calibrateProviders([reference, candidate('again')], {
      clip,
      signal: controller.signal,
      onProgress: ({ doneCount }) => {
        if (doneCount === 1) controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** From outside, as the system's own killers do. */
function killLater(processId: number): void {
  spawn('sh', ['-c', `sleep 0.2; kill -9 ${processId}`], { stdio: 'ignore' });
}
