/** The way into the served page, and what other pages can do with it, in a real browser. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { makePageFolder } from '../../support/page-folder.ts';
import { startServe, type RunningServe } from '../../support/serve.ts';

let folder: string;
let server: RunningServe;
/** A page of somebody else, on this machine. */
let elsewhere: Server;
let elsewherePage = '';

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banger-entering-'));
  makePageFolder(folder);
  server = await startServe({ pageFolder: folder });
  elsewhere = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html').end(elsewherePage);
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
});
test.afterAll(async () => {
  await server.stop();
  elsewhere.close();
  elsewhere.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** Whether the page, which is a script that sets its title, runs. */
const runs = (page: Page) => expect(page).toHaveTitle('The page runs');
const elsewhereAt = (name: string) => `http://${name}:${(elsewhere.address() as AddressInfo).port}/`;

test('the printed address opens the page and leaves no trace of its token', async ({ page }) => {
  const address = await server.newAddress();
  const token = new URL(address).hash.replace('#token=', '');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
  await page.goto(address);
  await runs(page);
  expect(page.url()).toBe(`${server.origin}/`);
  expect(asked.filter((line) => line.includes(token))).toEqual([]);
  expect(await page.evaluate(() => [document.cookie, document.referrer])).toEqual(['', '']);
  await page.goBack();
  expect(page.url()).not.toContain(token);
});

test('the same address opens nothing in another browser, which is told what to do', async ({
  page,
  browser,
}) => {
  const address = await server.newAddress();
  await page.goto(address);
  await runs(page);
  const other = await (await browser.newContext()).newPage();
  await other.goto(address);
  await expect(other.getByText('This address was used already')).toBeVisible();
  await other.goto(server.origin);
  await expect(other.getByText('opens by the address that')).toBeVisible();
  await expect(other).toHaveTitle('Banger Scorer');
  await other.context().close();
});

test('whoever is in may open the used address, follow a link from elsewhere, and load again', async ({
  page,
}) => {
  const address = await server.newAddress();
  elsewherePage = `<a href="${address}">open</a> <a href="${server.origin}/">home</a>`;
  for (const link of ['open', 'home', 'open']) {
    await page.goto(elsewhereAt('localhost'));
    await page.getByText(link).click();
    await runs(page);
  }
  await page.reload();
  await runs(page);
  expect(page.url()).toBe(`${server.origin}/`);
});

for (const name of ['127.0.0.1', 'localhost']) {
  test(`a page at another port of ${name} gets nothing, although the browser has a session`, async ({
    page,
  }) => {
    await page.goto(await server.newAddress());
    await runs(page);
    const { origin } = server;
    elsewherePage = `<script src="${origin}/assets/index-DfGh12_-.js"></script><iframe src="${origin}/"></iframe>`;
    await page.goto(elsewhereAt(name));
    const got = await page.evaluate(async (target) => {
      const outcome = (promise: Promise<unknown>) =>
        promise.then(
          () => 'got',
          () => 'refused',
        );
      const opened = (socket: WebSocket) =>
        new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onclose = reject;
        });
      return {
        page: await outcome(fetch(target, { credentials: 'include' })),
        pageUnseen: await outcome(fetch(target, { credentials: 'include', mode: 'no-cors' })),
        enter: await outcome(fetch(`${target}/enter`, { method: 'POST', credentials: 'include' })),
        socket: await outcome(opened(new WebSocket(`${target.replace('http', 'ws')}/socket`))),
        script: document.title,
      };
    }, origin);
    expect(got).toEqual({
      page: 'refused',
      pageUnseen: 'refused',
      enter: 'refused',
      socket: 'refused',
      script: '',
    });
    for (const frame of page.frames().slice(1)) expect(await frame.title()).not.toContain('The page');
  });
}

test('styles with the page’s nonce apply, others do not', async ({ page }) => {
  await page.goto(await server.newAddress());
  await runs(page);
  const colours = await page.evaluate(() => {
    const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
    const colourOf = (attribute: string) => {
      const root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });
      root.innerHTML = `<style ${attribute}>p { color: rgb(1, 2, 3) }</style><p>text</p>`;
      return getComputedStyle(root.querySelector('p') ?? document.body).color;
    };
    return [colourOf(`nonce="${nonce}"`), colourOf('nonce="other"'), colourOf('')];
  });
  expect(colours[0]).toBe('rgb(1, 2, 3)');
  expect(colours.slice(1)).not.toContain('rgb(1, 2, 3)');
});
