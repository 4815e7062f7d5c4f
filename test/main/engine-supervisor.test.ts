import { afterEach, expect, test } from 'vitest';
import {
  EngineSupervisor,
  type EngineCondition,
  type EngineSupervisorOptions,
} from '../../src/main/engine-supervisor.ts';
import type { MessageToEngine } from '../../src/shared/engine-process-messages.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { isRunning, waitUntil } from '../support/processes.ts';
import { RecordedLog } from './support/recorded-log.ts';
import { ScriptProcess } from './support/script-process.ts';

const inFolder = useFreshFolder();
const ready = `process.send({ kind: 'ready' }); process.on('message', ({ kind }) => { if (kind === 'close') process.exit(0); });`;

/** A supervisor over real processes, and what it did. */
class Supervised {
  readonly engines: ScriptProcess<MessageToEngine>[] = [];
  readonly conditions: EngineCondition[] = [];
  readonly log = new RecordedLog();
  readonly supervisor: EngineSupervisor;

  /** @param scripts of the first, second, … engine; the last one serves for all that follow */
  constructor(scripts: readonly string[], options: Partial<EngineSupervisorOptions> = {}) {
    this.supervisor = new EngineSupervisor({
      forkEngine: () => {
        const script = scripts[Math.min(this.engines.length, scripts.length - 1)] ?? '';
        const engine = new ScriptProcess<MessageToEngine>(inFolder(`${this.engines.length}.cjs`), script);
        this.engines.push(engine);
        return engine;
      },
      forkInference: () => expect.unreachable('No inference is asked for.'),
      createPorts: () => expect.unreachable('No port is asked for.'),
      trashFile: () => Promise.resolve(),
      onChange: (condition) => this.conditions.push(condition),
      log: this.log,
      firstPauseMs: 5,
      ...options,
    });
    running.push(this);
    this.supervisor.start();
  }

  get states(): string[] {
    return this.conditions.map(({ state }) => state);
  }

  until(state: EngineCondition['state'], times = 1): Promise<void> {
    return waitUntil(
      `the engine is ${state}`,
      () => this.states.filter((each) => each === state).length >= times,
    );
  }

  end(): Promise<void> {
    return this.supervisor.close(0);
  }
}

const running: Supervised[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((supervised) => supervised.end()));
});

test('an engine that ends is started again, with what it last said for the log', async () => {
  const supervised = new Supervised([`process.stderr.write('out of memory'); process.exit(7);`, ready]);
  await supervised.until('running');
  expect(supervised.states).toEqual(['restarting', 'running']);
  expect(supervised.conditions[0]?.error).toMatchObject({
    code: 'engine-unreachable',
    details: 'Exit code 7. out of memory',
  });
});

test('one that keeps ending is given up, and begins anew on a word', async () => {
  const ends = 'process.exit(1);';
  const supervised = new Supervised([ends, ends, ends, ends, ends, ends, ready]);
  await supervised.until('failed');
  expect(supervised.states).toEqual(['restarting', 'restarting', 'restarting', 'restarting', 'failed']);
  expect(supervised.engines).toHaveLength(5);
  supervised.supervisor.start();
  await supervised.until('running');
  expect(supervised.states.slice(5)).toEqual(['restarting', 'restarting', 'running']);
});

test('one that cannot open the library is not tried again by itself, but on a word at once', async () => {
  const error = { code: 'library-newer', message: 'The library is newer.' };
  const fails = `process.send({ kind: 'open-failed', error: ${JSON.stringify(error)} }); setInterval(() => {}, 1000);`;
  const supervised = new Supervised([fails, ready]);
  await supervised.until('failed');
  expect(supervised.conditions).toEqual([{ state: 'failed', error }]);
  // The one that failed may not have ended yet.
  supervised.supervisor.start();
  await supervised.until('running');
  expect(supervised.engines).toHaveLength(2);
});

test('closing waits for an engine that puts its work away', async () => {
  const slow = `process.send({ kind: 'ready' }); process.on('message', () => setTimeout(() => process.exit(0), 200));`;
  const supervised = new Supervised([slow]);
  await supervised.until('running');
  await supervised.supervisor.close(20_000);
  expect(isRunning(supervised.engines[0]?.processId ?? 0)).toBe(false);
  expect(supervised.log.errors).toEqual([]);
  expect(supervised.states).toEqual(['running']);
});

test('closing ends an engine that does not hear, and none is started after it', async () => {
  const supervised = new Supervised([`process.send({ kind: 'ready' }); setInterval(() => {}, 1000);`]);
  await supervised.until('running');
  await supervised.supervisor.close(50);
  expect(isRunning(supervised.engines[0]?.processId ?? 0)).toBe(false);
  expect(supervised.log.errors).toHaveLength(1);
  supervised.supervisor.start();
  expect(supervised.engines).toHaveLength(1);
});

test('a close during the pause before a restart lets none happen', async () => {
  const supervised = new Supervised(['process.exit(1);'], { firstPauseMs: 300 });
  await supervised.until('restarting');
  await supervised.supervisor.close(1000);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(supervised.engines).toHaveLength(1);
});

test('the trash is asked file by file, and every failure is answered with its reason', async () => {
  const asks = `
    process.send({ kind: 'ready' });
    process.send({ kind: 'move-to-trash', requestId: 3, paths: ['/a', '/b', '/c'] });
    process.on('message', (message) => {
      if (message.kind === 'close') process.exit(0);
      if (message.kind === 'trash-answered') process.stderr.write(JSON.stringify(message), () => process.exit(9));
    });`;
  const trashed: string[] = [];
  const supervised = new Supervised([asks, ready], {
    trashFile: (path) => {
      if (path === '/b') return Promise.reject(new Error('The drive has no trash.'));
      trashed.push(path);
      return Promise.resolve();
    },
  });
  await supervised.until('restarting');
  expect(trashed).toEqual(['/a', '/c']);
  expect(supervised.conditions[1]?.error?.details).toBe(
    'Exit code 9. {"kind":"trash-answered","requestId":3,"failed":[{"path":"/b","reason":"Error: The drive has no trash."}]}',
  );
});

test('what an engine says against the agreement is logged and does nothing', async () => {
  const supervised = new Supervised([`process.send({ kind: 'launch-inference', launchId: 'x' }); ${ready}`]);
  await supervised.until('running');
  expect(supervised.log.errors).toEqual(['The engine said something that is not agreed']);
});
