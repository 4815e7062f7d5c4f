/** The page's files: only what was built, with headers that keep the page to itself. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { BangerError } from '../../src/shared/errors.ts';
import { createPageHandler, type PageHandler } from '../../src/web/page-handler.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makePageFolder, pageScript } from '../support/page-folder.ts';

const inFolder = useFreshFolder();
const secret = 'nothing of this may leave the disk';
let handle: PageHandler;

beforeEach(() => {
  mkdirSync(inFolder('private'));
  writeFileSync(inFolder('private', 'secret.txt'), secret);
  writeFileSync(inFolder('secret.txt'), secret);
  makePageFolder(inFolder('page'), inFolder('private'));
  handle = createPageHandler({
    pageFolder: inFolder('page'),
    openMedia: () => Promise.reject(new BangerError('song-unknown', 'There is no such song.')),
  });
});

const get = (path: string, method = 'GET') => handle(new Request(`http://127.0.0.1:8300${path}`, { method }));

test.each([
  ['/', 'text/html; charset=utf-8', 'no-cache'],
  ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
  [pageScript, 'text/javascript; charset=utf-8', 'private, max-age=31536000, immutable'],
  ['/assets/index-abcd1234.css', 'text/css; charset=utf-8', 'private, max-age=31536000, immutable'],
  ['/assets/inter.woff2', 'font/woff2', 'no-cache'],
  ['/a%20name%20with%20spaces%20&%20%C3%BCn%C3%AFcode.txt', 'text/plain; charset=utf-8', 'no-cache'],
  ['/assets/index-abcd1234.css?version=2', 'text/css; charset=utf-8', 'private, max-age=31536000, immutable'],
])('%s is %s, kept as %s', async (path, mimeType, caching) => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(mimeType);
  expect(answer.headers.get('cache-control')).toBe(caching);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const body = await answer.text();
  expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  const head = await get(path, 'HEAD');
  expect(await head.text()).toBe('');
  expect(head.headers.get('content-length')).toBe(answer.headers.get('content-length'));
});

describe('the policy', () => {
  const directive = (answer: Response, name: string) =>
    (answer.headers.get('content-security-policy') ?? '')
      .split('; ')
      .find((text) => text.startsWith(`${name} `))
      ?.slice(name.length + 1);

  test('lets the page load its own files and nothing else', async () => {
    const answer = await get('/');
    expect(directive(answer, 'default-src')).toBe(`'none'`);
    expect(directive(answer, 'script-src')).toBe(`'self'`);
    expect(directive(answer, 'connect-src')).toBe(`'self' ws://127.0.0.1:8300`);
    expect(directive(answer, 'frame-ancestors')).toBe(`'none'`);
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test('has a nonce of its own for styles in every answer, which the page is told', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await get('/');
        const told = /<meta property="csp-nonce" nonce="([^"]+)" \/>/.exec(await answer.text())?.[1];
        expect(directive(answer, 'style-src')).toBe(`'self' 'nonce-${told ?? ''}'`);
        return told;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test('names no socket where the page is no server’s', async () => {
    const answer = await handle({ method: 'GET', url: 'app://bundle/', headers: { get: () => null } });
    expect(answer.status).toBe(200);
    expect(directive(answer, 'connect-src')).toBe(`'self'`);
  });
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is not allowed', async (method) => {
  const answer = await get('/', method);
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

describe('what is no file of the page', () => {
  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/outside/secret.txt',
    '/outside',
    '//secret.txt',
    '//../secret.txt',
    '/./index.html/',
    '/assets',
    '/assets/',
    '/index.html%00.txt',
    '/index.html%00',
    '/%',
    '/%ff%fe',
    '/INDEX.HTML',
    '/toString',
    '/__proto__',
    '/media/',
    '/media/0',
    '/media/-1',
    '/media/1e3',
    '/media/01',
    '/media/1/',
    '/media/1.5',
    '/media/..%2fsecret.txt',
    '/media/99999999999999999999',
  ])('%s is not found', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain(secret);
  });

  test('is never read, whatever the address', async () => {
    const piece = fc.constantFrom(
      '/', '..', '.', '%2e', '%2f', '%5c', '%00', '\\', 'assets', 'outside', 'secret.txt', 'private', 'index.html',
      '%c0%af', '%25', '?', ';', '~', 'file:', encodeURIComponent(inFolder('secret.txt')), inFolder('secret.txt'),
    ); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const answer = await get(`/${pieces.join('')}`);
        expect([200, 404]).toContain(answer.status);
        expect(await answer.text()).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a page that is built after the shell has started is found', async () => {
  const late = createPageHandler({
    pageFolder: inFolder('late'),
    openMedia: () => Promise.reject(new Error('nobody asks')),
  });
  const request = () => late(new Request('http://127.0.0.1/'));
  expect((await request()).status).toBe(500);
  makePageFolder(join(inFolder('late')));
  expect((await request()).status).toBe(200);
});
