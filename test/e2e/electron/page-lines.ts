/** Lines of a test's own from the page to engine and shell, beside the page's. */
import { expect } from '@playwright/test';
import type { CommandRequest, CommandResponse } from '../../../src/shared/call-command.ts';
import { engineCommands, type EngineCommands } from '../../../src/shared/engine-commands.ts';
import type { ErrorRecord } from '../../../src/shared/errors.ts';
import { shellCommands, type ShellCommands } from '../../../src/shared/shell-commands.ts';

interface ToldEvent {
  name: string;
  payload: unknown;
}

type LineName = 'engine' | 'shell';

interface LineAnswer {
  ok: boolean;
  value?: unknown;
  error?: unknown;
}

/** birpc’s messages, as far as they come here: an answer, or a call of ours, which is an event. */
type WireMessage = { t: 's'; i: string; r: LineAnswer } | { t: 'q'; m: string; a: ToldEvent[] };

/** What `openLines` puts into the page. */
interface TestLines {
  call: (line: LineName, name: string, request: unknown) => Promise<LineAnswer>;
  events: ToldEvent[];
  /** How often a port came. */
  ports: Record<LineName, number>;
}

declare global {
  interface Window {
    testLines?: TestLines;
  }
}

/** A page in which a test can run something; argument and result travel as JSON. */
export interface EvaluatingPage {
  evaluate: <Result, Argument>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ) => Promise<Result>;
}

export class PageLines {
  readonly #page: EvaluatingPage;

  constructor(page: EvaluatingPage) {
    this.#page = page;
  }

  /** Asks for ports as the product's page does. Also for a page that was loaded anew. */
  async openLines(): Promise<void> {
    await this.#page.evaluate(installLines, null);
  }

  async waitForEngine(timesNew = 1): Promise<void> {
    await expect
      .poll(() => this.#page.evaluate(() => window.testLines?.ports.engine ?? 0, null), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(timesNew);
  }

  engine<Name extends keyof EngineCommands>(
    name: Name,
    request: CommandRequest<EngineCommands, Name>,
  ): Promise<CommandResponse<EngineCommands, Name>> {
    return this.#call('engine', name, request, (value) =>
      engineCommands[name].response.parse(value),
    ) as Promise<CommandResponse<EngineCommands, Name>>;
  }

  shell<Name extends keyof ShellCommands>(
    name: Name,
    request: CommandRequest<ShellCommands, Name>,
  ): Promise<CommandResponse<ShellCommands, Name>> {
    return this.#call('shell', name, request, (value) =>
      shellCommands[name].response.parse(value),
    ) as Promise<CommandResponse<ShellCommands, Name>>;
  }

  /** The error that a command answers with; fails when it succeeds. */
  async errorOf(line: LineName, name: string, request: unknown): Promise<ErrorRecord> {
    const answer = await this.#ask(line, name, request);
    expect(answer.ok, `${name} must fail`).toBe(false);
    return answer.error as ErrorRecord;
  }

  /** What was told over both lines so far, oldest first. */
  events(): Promise<ToldEvent[]> {
    return this.#page.evaluate(() => window.testLines?.events ?? [], null);
  }

  async waitForEvent(name: string, holds: (payload: unknown) => boolean = () => true): Promise<void> {
    await expect
      .poll(async () => (await this.events()).some((event) => event.name === name && holds(event.payload)), {
        message: `the event ${name}`,
        timeout: 60_000,
      })
      .toBe(true);
  }

  async #call<Value>(
    line: LineName,
    name: string,
    request: unknown,
    read: (value: unknown) => Value,
  ): Promise<Value> {
    const answer = await this.#ask(line, name, request);
    if (!answer.ok) throw new Error(`${name} failed: ${JSON.stringify(answer.error)}`);
    return read(answer.value);
  }

  #ask(line: LineName, name: string, request: unknown): ReturnType<TestLines['call']> {
    return this.#page.evaluate(
      async ([lineName, commandName, commandRequest]) => {
        if (window.testLines === undefined) throw new Error('The test has no lines yet.');
        return window.testLines.call(lineName, commandName, commandRequest);
      },
      [line, name, request] as const,
    );
  }
}

/** Runs in the page: speaks the calls of `command-channel.ts` in birpc's own form, over ports beside the page's. */
function installLines(): void {
  const lines: Partial<Record<LineName, MessagePort>> = {};
  const waiting = new Map<string, (answer: LineAnswer) => void>();
  let lastId = 0;
  const testLines: TestLines = {
    events: [],
    ports: { engine: 0, shell: 0 },
    call: (line, name, request) =>
      new Promise((resolve) => {
        lastId += 1;
        const id = `test-${lastId}`;
        waiting.set(id, resolve);
        const call = { callId: 1_000_000 + lastId, name, request };
        lines[line]?.postMessage({ t: 'q', i: id, m: 'call', a: [call] });
      }),
  };
  window.testLines = testLines;
  window.addEventListener(
    'message',
    ({ data, ports: [port] }: MessageEvent<{ kind?: string; port?: LineName }>) => {
      if (data.kind !== 'banger-port' || data.port === undefined || port === undefined) return;
      lines[data.port] = port;
      testLines.ports[data.port] += 1;
      port.addEventListener('message', ({ data: said }: MessageEvent<WireMessage>) => {
        if (said.t === 's') waiting.get(said.i)?.(said.r);
        else if (said.m === 'receive') testLines.events.push(...said.a);
      });
      port.start();
    },
  );
  window.postMessage({ kind: 'banger-ports-wanted' }, window.location.origin);
}
