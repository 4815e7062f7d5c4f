/** What somebody without a right to the page, or a page of somebody else, could send to the server over HTTP. */
import { rawRequest } from './raw-http.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface Target {
  port: number;
  /** The cookie of a session. */
  cookie: string;
  /** Tokens that were used. */
  usedTokens: readonly string[];
  /** Absolute paths of files and folders that no page may have. */
  privatePaths: readonly string[];
}

export interface HostileRequest {
  kind: string;
  bytes: Buffer;
  /** Whether it carries a session, so that the page itself may come back. */
  hasSession: boolean;
  /** Whether it comes from where no page of ours is, so that nothing may come back. */
  isForeign: boolean;
}

type Make = (random: SeededRandom, target: Target) => HostileRequest;

const evilHosts = [
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1.evil.example:PORT',
  'localhost.evil.example:PORT',
  '127.0.0.1:PORT@evil.example',
  'a@127.0.0.1:PORT',
  '127.0.0.1:PORT,evil.example',
  '127.0.0.1:PORT evil.example',
  '0x7f000001:PORT',
  '2130706433:PORT',
  '0177.0.0.1:PORT',
  '[::ffff:7f00:1]:PORT',
  '0.0.0.0:PORT',
  '192.168.1.1:PORT',
  '127.0.0.1.:PORT',
  '127.0.0.1:PORT/',
  '127.0.0.1:PORT#',
  '',
  '\t',
  '.',
];

const evilOrigins = [
  'https://evil.example',
  'http://evil.example:PORT',
  'http://127.0.0.1',
  'http://127.0.0.1:1',
  'https://127.0.0.1:PORT',
  'http://localhost:PORT',
  'http://127.0.0.1:PORT.evil.example',
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1:PORT@evil.example',
  'ws://127.0.0.1:PORT',
  'app://bundle',
  'file://',
  'null',
  '',
];

const ordinaryPaths = ['/', '/index.html', '/assets/index-DfGh12_-.js', '/media/1', '/media/2', '/socket'];

const pathPieces = [
  '..', '.', '', '%2e%2e', '%2E%2e', '%252e%252e', '..%2f', '..%5c', '..\\', '%c0%ae%c0%ae', '%e0%80%ae', '....', '..;',
  '..%00', '%00', 'media', '1', 'assets', 'outside', 'page', 'songs', 'data', 'private', 'canary.txt', 'library.sqlite',
  'index.html', 'enter', 'socket', '%', '%zz', '~', 'etc', 'passwd', 'proc', 'self', 'environ', '?', '#', '//', 'C:', '\u0000',
]; // prettier-ignore

const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.alloc(16, 7).toString('base64'),
};

interface Parts {
  path: string;
  port: number;
  method?: string;
  headers: Record<string, string>;
  body?: string;
}

function encode({ path, body = '', ...options }: Parts): Buffer {
  return Buffer.from(rawRequest(path, options) + body, 'latin1');
}

const withPort = (text: string, port: number) => text.replaceAll('PORT', String(port));

const fakeCookie = (random: SeededRandom, { port, cookie }: Target) =>
  random.pick([
    '',
    'banger-session=1',
    `banger-session-${port}=`,
    `banger-session-${port}=${'A'.repeat(43)}`,
    `banger-session-${port}=${cookie.split('=')[1]?.slice(0, -1) ?? ''}`,
    `banger-session-${port}=${(cookie.split('=')[1] ?? '').toUpperCase()}`,
    `banger-session-${port + 1}=${cookie.split('=')[1] ?? ''}`,
    `${cookie}; ${cookie}`,
    `${cookie}x`,
    `x${cookie}`,
    `banger-session-${port}=%00`,
    '\u00ff=\u00ff',
    'a=b; '.repeat(500),
  ]);

/** Each kind with what makes one of it. */
const makers: Record<string, Make> = {
  'without a session': (random, target) => {
    const path = random.pick(ordinaryPaths);
    const cookie = fakeCookie(random, target);
    const isUpgrade = random.chance(0.3);
    return {
      kind: 'without a session',
      hasSession: false,
      isForeign: false,
      bytes: encode({
        path: isUpgrade ? '/socket' : path,
        port: target.port,
        headers: {
          ...(cookie !== '' && { Cookie: cookie }),
          ...(isUpgrade && { ...upgrade, Origin: `http://127.0.0.1:${target.port}` }),
        },
      }),
    };
  },
  'from another page': (random, { port, cookie }) => {
    const origin = withPort(random.pick(evilOrigins), port);
    const way = random.pick(['upgrade', 'get', 'post', 'fetch-site']);
    const site = random.pick(['cross-site', 'same-site']);
    const headers: Record<string, string> =
      way === 'fetch-site'
        ? {
            'Sec-Fetch-Site': site,
            'Sec-Fetch-Mode': random.pick(['no-cors', 'cors']),
            'Sec-Fetch-Dest': random.pick(['audio', 'script', 'empty', 'iframe', 'image']),
          }
        : { Origin: origin, ...(way === 'upgrade' && upgrade) };
    // No origin at all is what a person has who opens the page.
    const isForeign = way !== 'get' || origin !== '';
    return {
      kind: 'from another page',
      hasSession: true,
      isForeign,
      bytes: encode({
        path: way === 'upgrade' ? '/socket' : way === 'post' ? '/nothing' : random.pick(ordinaryPaths),
        method: way === 'post' ? random.pick(['POST', 'PUT', 'DELETE', 'OPTIONS']) : 'GET',
        port,
        headers: { Cookie: cookie, ...headers },
      }),
    };
  },
  'by another name': (random, { port, cookie }) => {
    const host = withPort(random.pick(evilHosts), port);
    const isUpgrade = random.chance(0.4);
    return {
      kind: 'by another name',
      hasSession: true,
      isForeign: true,
      bytes: encode({
        path: isUpgrade ? '/socket' : random.pick(ordinaryPaths),
        port,
        headers: { Host: host, Cookie: cookie, ...(isUpgrade && { ...upgrade, Origin: `http://${host}` }) },
      }),
    };
  },
  'for a file elsewhere': (random, { port, cookie, privatePaths }) => {
    const pieces = Array.from({ length: random.integer(1, 8) }, () => random.pick(pathPieces));
    const path = random.pick([
      `/${pieces.join('/')}`,
      `/media/${pieces.join('/')}`,
      `/assets/${pieces.join('')}`,
      `/${'../'.repeat(random.integer(1, 9))}${random.pick(privatePaths)}`,
      `/${'%2e%2e%2f'.repeat(random.integer(1, 9))}${encodeURIComponent(random.pick(privatePaths))}`,
      `/${random.pick(privatePaths)}`,
      `/media/${encodeURIComponent(random.pick(privatePaths))}`,
      `file://${random.pick(privatePaths)}`,
      `http://127.0.0.1:${port}/${random.pick(privatePaths)}`,
    ]);
    return {
      kind: 'for a file elsewhere',
      hasSession: true,
      isForeign: false,
      bytes: encode({
        path,
        port,
        headers: { Cookie: cookie, ...(random.chance(0.3) && { Range: 'bytes=0-' }) },
      }),
    };
  },
  'with a used token': (random, { port, cookie, usedTokens }) => {
    const token = random.pick([
      ...usedTokens,
      cookie.split('=')[1] ?? '',
      '',
      'null',
      'A'.repeat(43),
      '\u0000',
    ]);
    const inAddress = random.chance(0.3);
    return {
      kind: 'with a used token',
      hasSession: false,
      isForeign: false,
      bytes: encode({
        path: inAddress ? `/enter?token=${encodeURIComponent(token)}` : '/enter',
        method: inAddress && random.chance(0.5) ? 'GET' : 'POST',
        port,
        headers: {
          Origin: random.chance(0.8) ? `http://127.0.0.1:${port}` : withPort(random.pick(evilOrigins), port),
          ...(!inAddress && { 'Banger-Token': token.replaceAll('\u0000', '') }),
        },
      }),
    };
  },
  oversized: (random, { port, cookie }) => {
    const length = random.integer(17_000, 200_000);
    const hasSession = random.chance(0.5);
    const common = hasSession ? { Cookie: cookie } : {};
    return {
      kind: 'oversized',
      hasSession,
      isForeign: false,
      bytes: random.pick([
        () => encode({ path: `/${'a'.repeat(length)}`, port, headers: common }),
        () => encode({ path: '/', port, headers: { ...common, 'X-Long': 'x'.repeat(length) } }),
        () => encode({ path: '/', port, headers: { ...common, Cookie: `a=${'x'.repeat(length)}` } }),
        () =>
          encode({
            path: '/enter',
            method: 'POST',
            port,
            headers: { ...common, 'Content-Length': String(length) },
            body: 'x'.repeat(length),
          }),
        () =>
          encode({
            path: '/',
            port,
            headers: {
              ...common,
              'Content-Length': random.pick(['-1', '1e9', '99999999999999999999', '0x10', ' ']),
            },
          }),
        () =>
          encode({
            path: '/media/1',
            port,
            headers: {
              ...common,
              Range: `bytes=${Array.from({ length: 3000 }, (_, i) => `${i}-`).join(',')}`,
            },
          }),
      ])(),
    };
  },
  malformed: (random, { port, cookie }) => {
    const hasSession = random.chance(0.5);
    const good = encode({
      path: random.pick([...ordinaryPaths, '/enter']),
      method: random.pick(['GET', 'GET', 'POST', 'HEAD']),
      port,
      headers: { ...(hasSession && { Cookie: cookie }), Origin: `http://127.0.0.1:${port}` },
    });
    return { kind: 'malformed', hasSession, isForeign: false, bytes: damaged(good, random) };
  },
  smuggled: (random, { port, cookie }) => {
    const inner = encode({ path: '/media/1', port, headers: {} });
    const headers = random.pick([
      { 'Content-Length': '4', 'Transfer-Encoding': 'chunked' },
      { 'Transfer-Encoding': 'chunked, identity' },
      { 'Transfer-Encoding': ' chunked' },
      { 'Transfer-Encoding': 'xchunked' },
      { 'Content-Length': '0, 5' },
      { Expect: '100-continue', 'Content-Length': String(inner.length) },
      { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' },
    ] as Record<string, string>[]);
    const outer = encode({ path: '/', method: 'POST', port, headers: { Cookie: cookie, ...headers } });
    return {
      kind: 'smuggled',
      // The outer request carries the session, the inner one does not.
      hasSession: true,
      isForeign: false,
      bytes: Buffer.concat([outer, Buffer.from('0\r\n\r\n'), inner]),
    };
  },
};

/** Makes one of any kind. */
export function hostileRequest(random: SeededRandom, target: Target): HostileRequest {
  return random.pick(Object.values(makers))(random, target);
}

/** Flips, cuts, doubles and inserts bytes. */
function damaged(good: Buffer, random: SeededRandom): Buffer {
  let bytes = Buffer.from(good);
  for (let count = random.integer(1, 4); count > 0; count -= 1) {
    const place = random.integer(0, Math.max(0, bytes.length - 1));
    switch (random.integer(0, 6)) {
      case 0:
        bytes[place] = random.integer(0, 255);
        break;
      case 1:
        bytes = bytes.subarray(0, place);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, place), bytes]);
        break;
      case 3:
        bytes = Buffer.concat([
          bytes.subarray(0, place),
          Buffer.from(random.pick(['\r\n', '\n', '\r', '\0', ': ', ' ', '\t', '\r\n\r\n', '\u00ff', '%'])),
          bytes.subarray(place),
        ]);
        break;
      case 4:
        bytes = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
        break;
      case 5:
        bytes = Buffer.from(
          bytes
            .toString('latin1')
            .replace('HTTP/1.1', random.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'HTCPCP/1.0', ''])),
          'latin1',
        );
        break;
      default:
        bytes = Buffer.from(Array.from({ length: random.integer(1, 400) }, () => random.integer(0, 255)));
    }
    if (bytes.length === 0) bytes = Buffer.from('\r\n');
  }
  return bytes;
}
