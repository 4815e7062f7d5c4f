/**
 * The page over HTTP and a socket, for whoever may use it: every request is looked at before anything is answered,
 * and nobody holds a connection for nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { EngineEvent } from '../shared/engine-commands.ts';
import { BangerError } from '../shared/errors.ts';
import type { ShellEvent } from '../shared/shell-commands.ts';
import { systemErrorCode } from '../shared/system-errors.ts';
import type { PageHandler } from '../web/page-handler.ts';
import { isolatingHeaders } from '../web/security-headers.ts';
import { Access } from './access.ts';
import { AllowedHosts, isOwnOrigin } from './allowed-hosts.ts';
import { doorResponse, enterPath, tokenHeader } from './door-page.ts';
import { sendResponse, toPageRequest } from './http-bridge.ts';
import type { ServerLimits } from './server-limits.ts';
import { usualLimits } from './server-limits.ts';
import { SocketSession, type SocketAnswers } from './socket-session.ts';

export interface PageServerOptions {
  /** The address or name to listen at. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** Answers requests for the page's files and songs. */
  handlePage: PageHandler;
  /** Answer the calls that come over sockets. */
  answers: SocketAnswers;
  /** What differs from the usual limits. */
  limits?: Partial<ServerLimits> | undefined;
}

/** Where pages open their socket. */
const socketPath = '/socket';

export class PageServer {
  readonly #options: PageServerOptions;
  readonly #limits: ServerLimits;
  readonly #hosts: AllowedHosts;
  readonly #http: ReturnType<typeof createServer>;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Set<SocketSession>();
  #access: Access;
  #port = 0;

  private constructor(options: PageServerOptions) {
    this.#options = options;
    this.#limits = { ...usualLimits, ...options.limits };
    this.#hosts = new AllowedHosts(options.host);
    this.#access = new Access(0, this.#limits);
    const { headerBytes, requestMs, idleMs, messageBytes } = this.#limits;
    this.#http = createServer({
      maxHeaderSize: headerBytes,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: Math.min(1000, requestMs),
    });
    this.#http.maxConnections = this.#limits.connections;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: true,
      maxPayload: messageBytes,
      perMessageDeflate: false,
      // No page of ours asks for a protocol.
      handleProtocols: () => false,
    });
    this.#http.on('request', (incoming, outgoing) => void this.#answer(incoming, outgoing));
    this.#http.on('checkContinue', (incoming, outgoing) => void this.#answer(incoming, outgoing));
    this.#http.on('upgrade', (incoming, connection: Duplex, head: Buffer) => {
      this.#upgrade(incoming, connection, head);
    });
  }

  /** @throws BangerError `usage` where it cannot listen */
  static async start(options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options);
    await server.#listen();
    return server;
  }

  /** Such as `http://127.0.0.1:41234`. */
  get origin(): string {
    return `http://${this.#hosts.shownName}:${this.#port}`;
  }

  /** An address that opens the page once. */
  newAddress(): string {
    return `${this.origin}${enterPath}#token=${this.#access.newToken()}`;
  }

  /** Tells every page. */
  emitEngineEvent(event: EngineEvent): void {
    for (const session of this.#sessions) session.emitEngineEvent(event);
  }

  /** Tells every page. */
  emitShellEvent(event: ShellEvent): void {
    for (const session of this.#sessions) session.emitShellEvent(event);
  }

  /** Ends every connection and stops to listen. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    for (const session of this.#sessions) session.close();
    this.#http.closeAllConnections();
    await closed;
    this.#sockets.close();
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        reject(cannotListen(host, port, error));
      };
      this.#http.once('error', fail);
      this.#http.listen({ host, port, exclusive: true }, () => {
        this.#http.off('error', fail);
        resolve();
      });
    });
    // A connection that could not be accepted is the other side's loss.
    this.#http.on('error', () => undefined);
    const address = this.#http.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : port;
    this.#access = new Access(this.#port, this.#limits);
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.on('close', () => {
      gone.abort();
    });
    outgoing.on('error', () => undefined);
    const response = await this.#respond(incoming, gone.signal);
    await sendResponse(outgoing, response, this.#limits.unreadMs);
  }

  async #respond(incoming: IncomingMessage, signal: AbortSignal): Promise<Response> {
    const { method, url = '', headers } = incoming;
    const { host, origin } = headers;
    if (hasBody(incoming)) return refusal(413, 'No request here has a body.', { Connection: 'close' });
    if (headers.expect !== undefined) return refusal(417, 'Nothing may be expected.');
    if (!isOnlyHost(incoming) || !this.#hosts.isAllowed(host)) {
      return refusal(403, 'This server does not go by that name.');
    }
    // The other forms of a target are for proxies.
    if (!url.startsWith('/')) return refusal(400, 'The address is not in the usual form.');
    const path = url.replace(/[?#].*$/s, '');
    if (method === 'POST' && path === enterPath) {
      return isOwnOrigin(origin, host) ? this.#enter(incoming) : refusal(403, 'Another page asks.');
    }
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'Not allowed.', { Allow: 'GET, HEAD' });
    if (isForAnotherPage(incoming, host)) return refusal(403, 'Another page asks.');
    if (path === enterPath) return doorResponse(200);
    if (!this.#access.hasSession(headers.cookie)) {
      return path === '/' ? doorResponse(403) : refusal(403, 'This needs a session.');
    }
    try {
      return await this.#options.handlePage(toPageRequest(incoming, host, signal));
    } catch {
      return refusal(500, 'Something unexpected went wrong.');
    }
  }

  /** Exchanges a token for a session. Whoever has one already may go on without. */
  #enter({ headers }: IncomingMessage): Response {
    if (this.#access.hasSession(headers.cookie)) return new Response(null, { status: 204 });
    const token = headers[tokenHeader];
    if (typeof token !== 'string') return refusal(403, 'This needs a token.');
    const entry = this.#access.enter(token);
    if (entry === 'too-many-tries') return refusal(429, 'Too many tries.', { 'Retry-After': '10' });
    if (entry === 'refused') return refusal(403, 'This token opens nothing.');
    return new Response(null, {
      status: 204,
      headers: {
        ...isolatingHeaders,
        'Cache-Control': 'no-store',
        'Set-Cookie': this.#access.cookieFor(entry.session),
      },
    });
  }

  #upgrade(incoming: IncomingMessage, connection: Duplex, head: Buffer): void {
    connection.on('error', () => undefined);
    const { host, origin, cookie } = incoming.headers;
    const refuse = (status: string) => {
      connection.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => {
        connection.destroy();
      });
    };
    if (!isOnlyHost(incoming) || !this.#hosts.isAllowed(host) || !isOwnOrigin(origin, host)) {
      refuse('403 Forbidden');
      return;
    }
    if (!this.#access.hasSession(cookie)) {
      refuse('403 Forbidden');
      return;
    }
    if (incoming.url !== socketPath) {
      refuse('404 Not Found');
      return;
    }
    if (this.#sessions.size >= this.#limits.sockets) {
      refuse('503 Service Unavailable');
      return;
    }
    this.#sockets.handleUpgrade(incoming, connection, head, (socket) => {
      const session = new SocketSession(socket, this.#options.answers, this.#limits);
      this.#sessions.add(session);
      socket.on('close', () => {
        this.#sessions.delete(session);
      });
    });
  }
}

/** Plain words; nothing here is worth guessing at. */
function refusal(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: {
      ...isolatingHeaders,
      'Cache-Control': 'no-store',
      'Content-Type': 'text/plain; charset=utf-8',
      ...headers,
    },
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Whether the request names one host; of several, Node gives the first. */
function isOnlyHost({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length === 1;
}

/**
 * Whether a browser says that another page asked for something to use in itself, be it on another port of this very
 * machine. A person who follows a link from there is welcome.
 */
function isForAnotherPage({ headers }: IncomingMessage, host: string): boolean {
  if (headers.origin !== undefined && !isOwnOrigin(headers.origin, host)) return true;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}

function cannotListen(host: string, port: number, cause: Error): BangerError {
  const code = systemErrorCode(cause);
  if (code === 'EADDRINUSE') {
    return new BangerError('usage', `Port ${port} is in use.`, {
      cause,
      nextStep: 'Name another one, or none: a free one is found then.',
    });
  }
  if (code === 'EACCES') {
    return new BangerError('usage', `This account may not listen at port ${port}.`, {
      cause,
      nextStep: 'Name one above 1023, or none.',
    });
  }
  return new BangerError('usage', `It is not possible to listen at ${host}.`, {
    cause,
    details: String(cause),
    nextStep: 'Name an address of this machine, such as 127.0.0.1.',
  });
}
