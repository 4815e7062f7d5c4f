/** A page of an app that Playwright cannot drive, over the browser's own debugging port, one connection a command. */
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { EvaluatingPage } from './page-lines.ts';

const targetsSchema = z.array(
  z.object({ type: z.string(), url: z.string(), webSocketDebuggerUrl: z.string() }),
);
const evaluationSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ exception: z.object({ description: z.string() }) }).optional(),
});
const answerSchema = z.object({ id: z.int().optional(), result: z.unknown().optional() });

const PATIENCE_MS = 20_000;

export class DebuggedPage implements EvaluatingPage {
  readonly #port: number;

  /** @param port that the app was started with as `--remote-debugging-port` */
  constructor(port: number) {
    this.#port = port;
  }

  async evaluate<Result, Argument>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result> {
    const expression = `(${work.toString()})(${JSON.stringify(argument)})`;
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = evaluationSchema.parse(
      await this.command('Runtime.evaluate', options),
    );
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description);
    return result.value as Result;
  }

  /** Whether the page has loaded and answers. */
  async isThere(): Promise<boolean> {
    try {
      return await this.evaluate(
        () => window.location.href === 'app://bundle/' && document.readyState === 'complete',
        null,
      );
    } catch {
      // It is starting, or gone.
      return false;
    }
  }

  /** One command of the debugging protocol. */
  async command(method: string, params: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/json/list`);
    const target = targetsSchema.parse(await answer.json()).find(({ type }) => type === 'page');
    if (target === undefined) throw new Error('There is no page.');
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    try {
      return await ask(socket, method, params);
    } finally {
      socket.close();
    }
  }
}

function ask(socket: WebSocket, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('The page does not answer.'));
    }, PATIENCE_MS);
    socket.once('error', reject);
    socket.once('open', () => {
      socket.send(JSON.stringify({ id: 1, method, params }));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('The page is gone.'));
    });
    socket.on('message', (text: Buffer) => {
      const { id, result } = answerSchema.parse(JSON.parse(text.toString()));
      if (id !== 1) return;
      clearTimeout(timer);
      resolve(result);
    });
  });
}
