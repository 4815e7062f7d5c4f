/**
 * The page's process ends under the real app. Playwright holds back a page that comes after a crash, so the test
 * speaks to the browser's own debugging port, and only while it has something to say.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { appCommand, configFolder, makeHome } from './launch-electron.ts';

const targetsSchema = z.array(
  z.object({ type: z.string(), url: z.string(), webSocketDebuggerUrl: z.string() }),
);

test('a page whose process ends is loaded anew; a signal then ends the app in order', async () => {
  const { home, remove } = await makeHome();
  const port = await freePort();
  const { executablePath, args, env } = await appCommand({ home, args: [`--remote-debugging-port=${port}`] });
  const app = spawn(executablePath, args, { env, cwd: home, stdio: 'ignore' });
  const exited = new Promise<number | null>((resolve) => app.once('exit', resolve));
  const log = () => readFileSync(join(configFolder(home), 'Banger Scorer', 'logs', 'main.log'), 'utf8');
  try {
    await expect.poll(() => evaluateInPage(port, whereIsThePage), { timeout: 30_000 }).toBe(pageIsThere);
    await expect.poll(log, { timeout: 30_000 }).toContain('The engine is running');
    await command(port, 'Page.crash', {}).catch(() => undefined);
    await expect.poll(log).toContain('The page’s process ended');
    await expect.poll(() => evaluateInPage(port, whereIsThePage), { timeout: 30_000 }).toBe(pageIsThere);

    if (process.platform === 'win32') return;
    app.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(log()).toMatch(/engine ended with code 0[^]*The app ends/);
  } finally {
    app.kill('SIGKILL');
    await exited;
    await remove();
  }
});

const whereIsThePage = 'location.href + " " + document.readyState + " " + typeof window.bangerDesktop';
const pageIsThere = 'app://bundle/ complete object';

/** What an expression is in the page, null while there is no page that answers. */
async function evaluateInPage(port: number, expression: string): Promise<unknown> {
  try {
    const answer = await command(port, 'Runtime.evaluate', { expression });
    return z.object({ result: z.object({ value: z.unknown() }) }).parse(answer).result.value;
  } catch {
    return null;
  }
}

/** One command of the debugging protocol to the page, over a connection of its own. */
async function command(port: number, method: string, params: object): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const target = targetsSchema.parse(await answer.json()).find(({ type }) => type === 'page');
  if (target === undefined) throw new Error('There is no page.');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('The page does not answer.'));
      }, 3000);
      socket.once('error', reject);
      socket.once('open', () => {
        socket.send(JSON.stringify({ id: 1, method, params }));
      });
      socket.once('close', () => {
        clearTimeout(timer);
        reject(new Error('The page is gone.'));
      });
      socket.on('message', (text: Buffer) => {
        const { id, result } = z
          .object({ id: z.number().optional(), result: z.unknown().optional() })
          .parse(JSON.parse(text.toString()));
        if (id !== 1) return;
        clearTimeout(timer);
        resolve(result);
      });
    });
  } finally {
    socket.close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('No port is free.'));
      });
    });
  });
}
