/** Who is let in, and who is let go of: the server alone, with answers that are known. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PageServer, type PageServerOptions } from '../../src/server/page-server.ts';
import { BangerError } from '../../src/shared/errors.ts';
import { encodeMessage } from '../../src/shared/socket-codec.ts';
import { createPageHandler } from '../../src/web/page-handler.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makePageFolder, pageScript } from '../support/page-folder.ts';
import { openPageSocket, openSocket } from '../support/page-socket.ts';
import { waitUntil } from '../support/processes.ts';
import { openConnection, rawRequest, sendRaw } from '../support/raw-http.ts';
import { enter } from '../support/serve.ts';

const inFolder = useFreshFolder();
let server: PageServer;
let origin: string;
let port: number;
let calls: { name: string; signal: AbortSignal }[];

async function start(limits: PageServerOptions['limits'] = {}, options: Partial<PageServerOptions> = {}) {
  calls = [];
  server = await PageServer.start({
    host: '127.0.0.1',
    port: 0,
    limits,
    handlePage: createPageHandler({
      pageFolder: inFolder('page'),
      openMedia: () => Promise.reject(new BangerError('song-unknown', 'There is no such song.')),
    }),
    answers: {
      engine: (name, request, signal) => {
        calls.push({ name, signal });
        if (name === 'never') return new Promise(() => undefined);
        if (name === 'count-songs') return Promise.resolve({ count: 3 });
        if (name === 'odd') return Promise.resolve({ answer: () => 'no text can hold this' });
        if (name === 'large') return Promise.resolve('x'.repeat(1_000_000));
        return Promise.resolve(request);
      },
      shell: () => Promise.resolve({}),
    },
    ...options,
  });
  origin = server.origin;
  port = Number(new URL(origin).port);
}

beforeEach(async () => {
  makePageFolder(inFolder('page'));
  await start();
});
afterEach(async () => {
  await server.close();
});

/** A request as a browser or anything else may send it. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await sendRaw(port, rawRequest(path, { method, headers, port }));
  return { ...answer, cookie: /set-cookie: ([^;]+)/i.exec(answer.text)?.[1] };
}

const tokenOf = (address: string) => new URL(address).hash.replace('#token=', '');
const exchange = (token: string, headers: Record<string, string> = {}) =>
  ask('/enter', { Origin: origin, 'Banger-Token': token, ...headers }, 'POST');

describe('without a session', () => {
  test.each(['/', '/index.html', pageScript, '/media/1', '/socket', '/nothing', '/enter/', '/enter/x'])(
    'GET %s is answered 403 and nothing of the page',
    async (path) => {
      const { status, text } = await ask(path);
      expect(status).toBe(403);
      expect(text).not.toContain('The page<');
      expect(text).not.toContain('The page runs');
      expect(text).not.toMatch(/set-cookie/i);
    },
  );

  test.each([
    'banger-session=x',
    'banger-session-0=x',
    'a=b; c=d',
    '; ; ;',
    '=',
    'banger-session-PORT=',
    'banger-session-PORT=undefined',
    'banger-session-PORT="x"',
    `banger-session-PORT=${'A'.repeat(43)}`,
    `banger-session-PORT=${'A'.repeat(10_000)}`,
  ])('the cookie %s opens nothing', async (cookie) => {
    expect((await ask('/index.html', { Cookie: cookie.replace('PORT', String(port)) })).status).toBe(403);
    await expect(openSocket(origin, { Cookie: cookie.replace('PORT', String(port)) })).rejects.toThrow('403');
  });

  test('no socket opens', async () => {
    await expect(openSocket(origin, {})).rejects.toThrow('403');
  });
});

describe('a token', () => {
  test('becomes a session once, which opens the page from then on', async () => {
    const token = tokenOf(server.newAddress());
    const { status, cookie, text } = await exchange(token);
    expect(status).toBe(204);
    expect(text).toMatch(/set-cookie: banger-session-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict\r\n/i);
    expect((await ask('/', { Cookie: cookie ?? '' })).text).toContain('The page');
    expect((await ask(pageScript, { Cookie: cookie ?? '' })).status).toBe(200);
    expect((await exchange(token)).status).toBe(403);
  });

  test('is given to one alone of many that bring it at once', async () => {
    const token = tokenOf(server.newAddress());
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ cookie }) => cookie !== undefined)).toHaveLength(1);
  });

  test('is another every time, long, and the last ten count', async () => {
    const tokens = Array.from({ length: 11 }, () => tokenOf(server.newAddress()));
    expect(new Set(tokens).size).toBe(11);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect((await exchange(tokens[0] ?? '')).status).toBe(403);
    expect((await exchange(tokens[1] ?? '')).status).toBe(204);
    expect((await exchange(tokens[10] ?? '')).status).toBe(204);
  });

  test.each([
    ['no origin', { Origin: '' }],
    ['an opaque origin', { Origin: 'null' }],
    ['another site', { Origin: 'https://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['another name of this machine', { Origin: 'http://localhost:PORT' }],
    ['a longer name', { Origin: 'http://127.0.0.1:PORT.evil.example' }],
    ['another scheme', { Origin: 'https://127.0.0.1:PORT' }],
  ])('is not taken from %s, and stays good', async (_, headers) => {
    const token = tokenOf(server.newAddress());
    const refused = await exchange(token, { Origin: headers.Origin.replace('PORT', String(port)) });
    expect(refused.status).toBe(403);
    expect((await exchange(token)).status).toBe(204);
  });

  test.each(['/enter?token=', '/?token=', '/enter#token='])(
    'is not taken from an address: %s',
    async (path) => {
      const token = tokenOf(server.newAddress());
      const { cookie } = await ask(`${path}${token}`, { Origin: origin }, 'POST');
      expect(cookie).toBeUndefined();
      expect((await ask(`${path}${token}`)).cookie).toBeUndefined();
      expect((await exchange(token)).status).toBe(204);
    },
  );

  test('is slow to guess', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 14; tries += 1) statuses.push((await exchange('guess')).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 403));
    expect(statuses).toContain(429);
  });

  test('opens again after a while of too many tries', async () => {
    await server.close();
    await start({ tokenBurst: 2, tokenMs: 50 });
    for (let tries = 0; tries < 5; tries += 1) await exchange('guess');
    await sleep(300);
    expect((await exchange(tokenOf(server.newAddress()))).status).toBe(204);
  });

  test('is not needed by who has a session', async () => {
    const cookie = await enter(server.newAddress());
    const { status, text } = await ask('/enter', { Origin: origin, Cookie: cookie }, 'POST');
    expect(status).toBe(204);
    expect(text).not.toMatch(/set-cookie/i);
  });
});

test('a session of one server opens no other on the same machine', async () => {
  const first = server;
  const cookie = await enter(first.newAddress());
  await start();
  const second = server;
  try {
    expect((await ask('/', { Cookie: cookie })).status).toBe(403);
    const session = cookie.split('=')[1] ?? '';
    expect((await ask('/', { Cookie: `banger-session-${port}=${session}` })).status).toBe(403);
  } finally {
    await second.close();
    server = first;
  }
});

test('a second cookie of the name is one too many', async () => {
  const cookie = await enter(server.newAddress());
  expect((await ask('/', { Cookie: `${cookie}; other=1` })).status).toBe(200);
  expect((await ask('/', { Cookie: `${cookie}; ${cookie}` })).status).toBe(403);
});

describe('with a session', () => {
  let cookie: string;
  beforeEach(async () => {
    cookie = await enter(server.newAddress());
  });

  test.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    'localhost.evil.example',
    '127.0.0.1:PORT@evil.example',
    '127.1:PORT',
    '2130706433:PORT',
    '0.0.0.0:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '127.0.0.1:PORT:PORT',
    '127.0.0.1:',
    'localhost.',
    '',
  ])('a request for the host “%s” is not answered', async (host) => {
    const headers = { Host: host.replaceAll('PORT', String(port)), Cookie: cookie };
    const answer = await ask('/', headers);
    expect([400, 403]).toContain(answer.status);
    expect(answer.text).not.toContain('The page');
    const upgrade = await ask('/socket', { ...headers, ...upgradeHeaders, Origin: `http://${headers.Host}` });
    expect([400, 403]).toContain(upgrade.status);
  });

  test.each(['localhost:PORT', 'LOCALHOST:PORT', '127.0.0.1:PORT', '127.0.0.1', 'localhost:9'])(
    'the host %s is ours, also by a tunnel’s port',
    async (host) => {
      const answer = await ask('/', { Host: host.replace('PORT', String(port)), Cookie: cookie });
      expect(answer.status).toBe(200);
    },
  );

  test('two hosts are one too many', async () => {
    const request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
    expect([400, 403]).toContain((await sendRaw(port, request)).status);
  });

  test.each(['http://127.0.0.1:PORT/', 'http://evil.example/', '*', 'index.html', 'file:///etc/passwd'])(
    'the target %s is refused',
    async (target) => {
      const answer = await ask(target.replace('PORT', String(port)), { Cookie: cookie });
      expect(answer.status).toBe(400);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    '%s is not allowed',
    async (method) => {
      const answer = await ask('/', { Cookie: cookie, Origin: origin }, method);
      expect(answer.status).toBe(405);
      expect(answer.text).not.toMatch(/access-control/i);
    },
  );

  test.each([
    { 'Content-Length': '5' },
    { 'Transfer-Encoding': 'chunked' },
    { 'Content-Length': '999999999999' },
    { Expect: '100-continue' },
    { Expect: '100-continue', 'Content-Length': '5' },
    { Expect: 'something' },
  ])('a body is refused: %j', async (headers) => {
    for (const method of ['GET', 'POST']) {
      const answer = await ask('/enter', { Cookie: cookie, Origin: origin, ...headers }, method);
      expect([413, 417]).toContain(answer.status);
    }
  });

  test.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'audio' },
    { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
    { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  ])('another page gets nothing to use in itself: %j', async (headers) => {
    expect((await ask(pageScript, { Cookie: cookie, ...headers })).status).toBe(403);
  });

  test.each([
    { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'audio' },
    { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
  ])('the page itself, and a person who follows a link, do: %j', async (headers) => {
    expect((await ask('/', { Cookie: cookie, ...headers })).status).toBe(200);
  });

  test.each([
    ['no origin', { Origin: '' }],
    ['another site', { Origin: 'https://evil.example' }],
    ['another port', { Origin: 'http://127.0.0.1:1' }],
    ['an opaque origin', { Origin: 'null' }],
  ])('no socket opens for %s', async (_, headers) => {
    await expect(openSocket(origin, { Cookie: cookie, ...headers })).rejects.toThrow('403');
  });

  test.each(['/', '/socket/', '/socket?x', '/other', '//socket'])('no socket opens at %s', async (path) => {
    await expect(openSocket(origin, { Cookie: cookie }, path)).rejects.toThrow('404');
  });

  test.each([{ 'Sec-WebSocket-Version': '7' }, { 'Sec-WebSocket-Key': 'x' }, { Upgrade: 'h2c' }])(
    'no socket opens without its manners: %j',
    async (headers) => {
      const answer = await ask('/socket', { Cookie: cookie, Origin: origin, ...upgradeHeaders, ...headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    },
  );

  test('calls are answered over both channels, and events are told', async () => {
    const page = await openPageSocket(origin, cookie);
    expect(await page.engine.call('count-songs', {})).toEqual({ count: 3 });
    expect(await page.shell.call('restart-engine', {})).toEqual({});
    server.emitEngineEvent({ name: 'models-changed', payload: {} });
    await waitUntil('the event is told', () => page.events.length === 1);
    page.socket.close();
  });

  test('an answer that no text can hold is a failure, not silence', async () => {
    const { socket } = await openPageSocket(origin, cookie);
    const answered = once(socket, 'message');
    socket.send(encodeMessage({ channel: 'engine', message: call('odd') }));
    expect(String((await answered)[0])).toContain('internal');
    socket.close();
  });

  test('a page that leaves ends what it asked for', async () => {
    const { socket } = await openPageSocket(origin, cookie);
    socket.send(encodeMessage({ channel: 'engine', message: call('never') }));
    await waitUntil('it is asked', () => calls.length === 1);
    expect(calls[0]?.signal.aborted).toBe(false);
    socket.terminate();
    await waitUntil('the call is cancelled', () => calls[0]?.signal.aborted === true);
  });

  test.each([
    ['no text', Buffer.from([1, 2, 3]), 1003],
    ['nonsense', 'nonsense', 1008],
    ['nothing', '', 1008],
    ['another channel', '[{"channel":1,"message":2},"files",{}]', 1008],
    ['a circle', '[{"channel":1,"message":2},"engine",{"a":2}]', 1008],
  ])('a message that is %s ends the socket, and nothing else', async (_, message, code) => {
    const { socket, closed } = await openPageSocket(origin, cookie);
    socket.send(message);
    expect(await closed).toBe(code);
    const other = await openPageSocket(origin, cookie);
    expect(await other.engine.call('count-songs', {})).toEqual({ count: 3 });
    other.socket.close();
  });

  test.each([
    { t: 'q', m: 'constructor', a: [], i: '1' },
    { t: 'q', m: { toString: 1 }, a: [], i: '1' },
    { t: 'q', m: 'call', a: 5, i: '1' },
    { t: 'q', m: 'call', i: '1' },
    { t: 'q', m: 'call', a: [null], i: '1' },
    { t: 'q', m: 'cancel', a: [{}], i: '1' },
    { t: 's', i: '1', r: 'an answer to nothing' },
    { t: 5 },
    {},
  ])('a message that is no call hurts nobody: %j', async (message) => {
    const page = await openPageSocket(origin, cookie);
    page.socket.send(encodeMessage({ channel: 'engine', message }));
    expect(await page.engine.call('count-songs', {})).toEqual({ count: 3 });
    page.socket.close();
  });
});

describe('limits', () => {
  test('on headers', async () => {
    expect((await ask('/', { 'X-Long': 'x'.repeat(20_000) })).status).toBe(431);
    expect((await ask(`/${'x'.repeat(20_000)}`)).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`X-${index}`, '1']));
    expect((await ask('/', many)).status).toBe(431);
  });

  test('on messages: a larger one ends the socket', async () => {
    await server.close();
    await start({ messageBytes: 1000 });
    const page = await openPageSocket(origin, await enter(server.newAddress()));
    page.socket.send('x'.repeat(1001));
    expect(await page.closed).toBe(1009);
  });

  test('on pages at once', async () => {
    await server.close();
    await start({ sockets: 2 });
    const cookie = await enter(server.newAddress());
    const [first] = [await openPageSocket(origin, cookie), await openPageSocket(origin, cookie)];
    await expect(openSocket(origin, { Cookie: cookie })).rejects.toThrow('503');
    first.socket.close();
    await first.closed;
    await waitUntil('there is room again', () =>
      openSocket(origin, { Cookie: cookie }).then(
        () => true,
        () => false,
      ),
    );
  });

  test('on connections', async () => {
    await server.close();
    await start({ connections: 5 });
    const cookie = await enter(server.newAddress());
    const open = await Promise.all(Array.from({ length: 20 }, () => openConnection(port)));
    await waitUntil('most are dropped', () => open.filter((one) => one.destroyed).length >= 15);
    for (const one of open) one.destroy();
    await waitUntil('there is room again', async () => (await ask('/', { Cookie: cookie })).status === 200);
  });

  test.each([
    ['sends nothing', ''],
    ['sends half a request', 'GET / HTTP/1.1\r\nHost: 127'],
    ['never ends its headers', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: '],
  ])('on time: whoever %s is dropped', async (_, beginning) => {
    await server.close();
    await start({ requestMs: 300 });
    const connection = await openConnection(port);
    connection.resume();
    connection.write(beginning);
    // A byte now and then does not help.
    const drip = setInterval(() => connection.write('x'), 50);
    await waitUntil('the connection is closed', () => connection.destroyed, 10);
    clearInterval(drip);
  });

  test('on time: an unused connection is closed', async () => {
    await server.close();
    await start({ idleMs: 200 });
    const connection = await openConnection(port);
    connection.resume();
    connection.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await waitUntil('the connection is closed', () => connection.destroyed, 10);
  });

  test('on time: a socket without a sign of life is dropped, and one that lives is kept', async () => {
    await server.close();
    await start({ pingMs: 200 });
    const cookie = await enter(server.newAddress());
    const alive = await openPageSocket(origin, cookie);
    const dead = await openConnection(port);
    dead.resume();
    dead.write(
      rawRequest('/socket', { port, headers: { ...upgradeHeaders, Origin: origin, Cookie: cookie } }),
    );
    await waitUntil('the dead one is dropped', () => dead.destroyed, 10);
    await sleep(1000);
    expect(await alive.engine.call('count-songs', {})).toEqual({ count: 3 });
    alive.socket.close();
  });

  test('on the rate of messages: a flood waits, in order, and is answered', async () => {
    await server.close();
    await start({ messageBurst: 10, messagesPerSecond: 200 });
    const page = await openPageSocket(origin, await enter(server.newAddress()));
    const answers = await Promise.all(Array.from({ length: 110 }, () => page.engine.call('count-songs', {})));
    expect(answers).toHaveLength(110);
    page.socket.close();
  });

  test('on what waits for a page that does not read', async () => {
    await server.close();
    await start({ unsentBytes: 3_000_000 });
    const { socket, closed } = await openPageSocket(origin, await enter(server.newAddress()));
    socket.pause();
    for (let asked = 0; asked < 60; asked += 1) {
      socket.send(encodeMessage({ channel: 'engine', message: call('large', asked) }));
    }
    await waitUntil('calls are made', () => calls.length >= 5);
    await waitUntil('the socket is dropped', async () => {
      server.emitEngineEvent({ name: 'models-changed', payload: {} });
      socket.resume();
      return (await Promise.race([closed, sleep(50).then(() => null)])) !== null;
    });
  });

  test('on what waits for somebody who does not read an answer', async () => {
    await server.close();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(256 * 1024));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    let isCancelled = false;
    await start({ unreadMs: 300 }, { handlePage: () => Promise.resolve(new Response(endless)) });
    const cookie = await enter(server.newAddress());
    const connection = await openConnection(port);
    connection.pause();
    connection.write(rawRequest('/', { port, headers: { Cookie: cookie } }));
    await waitUntil('the answer is given up', () => isCancelled, 10);
    connection.destroy();
  });
});

test('an answer that breaks off ends the connection, so that nobody takes it for whole', async () => {
  await server.close();
  let count = 0;
  const failing = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        count += 1;
        if (count === 3) throw new Error('the drive is gone');
        controller.enqueue(Buffer.from('part'));
      },
    });
  await start(
    {},
    { handlePage: () => Promise.resolve(new Response(failing(), { headers: { 'Content-Length': '99' } })) },
  );
  const cookie = await enter(server.newAddress());
  await expect(
    fetch(origin, { headers: { Cookie: cookie } }).then((answer) => answer.text()),
  ).rejects.toThrow();
});

test('a failure of the handler is told without its words', async () => {
  await server.close();
  await start({}, { handlePage: () => Promise.reject(new Error('/home/me/secret')) });
  const { status, text } = await ask('/', { Cookie: await enter(server.newAddress()) });
  expect(status).toBe(500);
  expect(text).not.toContain('secret');
});

test('closing ends every connection, whatever it does', async () => {
  const page = await openPageSocket(origin, await enter(server.newAddress()));
  const idle = await openConnection(port);
  idle.resume();
  const rude = await openSocket(origin, { Cookie: await enter(server.newAddress()) });
  rude.pause();
  await server.close();
  expect(await page.closed).toBe(1001);
  await waitUntil('the idle one is closed', () => idle.destroyed);
  await start();
});

test('a port that is taken, and an address that is not ours, are said so', async () => {
  await expect(PageServer.start({ ...unused, port })).rejects.toThrow(`Port ${port} is in use.`);
  await expect(PageServer.start({ ...unused, host: '192.0.2.1' })).rejects.toThrow('192.0.2.1');
});

const unused = {
  host: '127.0.0.1',
  port: 0,
  handlePage: () => Promise.reject(new Error('nobody asks')),
  answers: { engine: () => Promise.reject(new Error()), shell: () => Promise.reject(new Error()) },
} satisfies PageServerOptions;

const upgradeHeaders = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.alloc(16, 7).toString('base64'),
};

function call(name: string, callId = 1) {
  return { t: 'q', m: 'call', a: [{ callId, name, request: {} }], i: String(callId) };
}
