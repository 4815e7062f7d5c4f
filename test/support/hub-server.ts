/** A Hub on loopback that answers as the real one does: metadata, redirects to a second host, and its failures. */
import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeFile {
  bytes: Buffer;
  /** Large files lie on the storage host and are named by their SHA-256, small ones on the Hub by git's SHA-1. */
  isLarge?: boolean;
}

export interface FakeRepository {
  commit: string;
  files: Record<string, FakeFile>;
  licence?: string;
  isGated?: boolean;
  /** Names that the listing claims besides the real ones. */
  extraNames?: string[];
}

/** What goes wrong with the next request for a file's content. */
export type Fault =
  | { kind: 'none' }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  /** The connection is destroyed after so many bytes of the body. */
  | { kind: 'cut'; afterBytes: number }
  /** Nothing more comes after so many bytes of the body. */
  | { kind: 'stall'; afterBytes: number }
  | { kind: 'ignore-range' }
  /** The answer to a range begins elsewhere than asked. */
  | { kind: 'shifted-range' }
  | { kind: 'wrong-bytes' }
  | { kind: 'too-long' };

export interface SeenRequest {
  host: 'hub' | 'storage';
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

export class HubServer {
  readonly repositories = new Map<string, FakeRepository>();
  readonly requests: SeenRequest[] = [];
  /** Faults of the next content requests to either host, the first one first. */
  readonly contentFaults: Fault[] = [];
  /** Faults of the next metadata requests (listing and HEAD). */
  readonly metadataFaults: Fault[] = [];
  /** When set, every request to the Hub must carry it. */
  requiredToken: string | null = null;
  /** Bytes per write and pause between writes, to have time to interfere. */
  pace: { chunkBytes: number; pauseMs: number } | null = null;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => {
      this.#note('hub', request);
      void this.#answerHub(request, response);
    });
    this.#storage = createServer((request, response) => {
      this.#note('storage', request);
      void this.#answerStorage(request, response);
    });
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    await Promise.all([listen(server.#hub), listen(server.#storage)]);
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${portOf(this.#hub)}`;
  }

  get storageEndpoint(): string {
    return `http://127.0.0.1:${portOf(this.#storage)}`;
  }

  /** The requests for content, in order, with the range that each asked for. */
  contentRanges(name: string): (string | undefined)[] {
    return this.requests
      .filter((request) => request.method === 'GET' && request.path.split('?')[0]?.endsWith(`/${name}`))
      .filter((request) => request.host === 'storage' || !this.#isLarge(name))
      .map((request) => request.headers.range);
  }

  async stop(): Promise<void> {
    await Promise.all([close(this.#hub), close(this.#storage)]);
  }

  #isLarge(name: string): boolean {
    return [...this.repositories.values()].some((repository) => repository.files[name]?.isLarge === true);
  }

  #note(host: SeenRequest['host'], request: IncomingMessage): void {
    const { method = '', url = '', headers } = request;
    this.requests.push({ host, method, path: url, headers });
  }

  async #answerHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', this.endpoint);
    if (this.requiredToken !== null && request.headers.authorization !== `Bearer ${this.requiredToken}`) {
      refuse(response, 401, { 'x-error-message': 'Invalid credentials in Authorization header' });
      return;
    }
    const isMetadata = request.method === 'HEAD' || address.pathname.startsWith('/api/models/');
    if (isMetadata) {
      const fault = this.metadataFaults.shift();
      if (fault?.kind === 'status') {
        refuse(response, fault.status, fault.headers);
        return;
      }
      if (fault?.kind === 'cut') {
        response.destroy();
        return;
      }
      if (fault?.kind === 'stall') return;
    }
    const listing = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(address.pathname);
    if (listing !== null) {
      this.#answerListing(listing[1] ?? '', response);
      return;
    }
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(address.pathname);
    if (cached !== null) {
      const file = this.repositories.get(cached[1] ?? '')?.files[decodeURIComponent(cached[3] ?? '')];
      const bytes = file?.bytes ?? Buffer.alloc(0);
      response.setHeader('etag', `W/"${gitSha1(bytes)}"`);
      response.setHeader('x-repo-commit', cached[2] ?? '');
      await this.#sendContent(bytes, request, response);
      return;
    }
    const content = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(address.pathname);
    if (content !== null) {
      this.#answerResolve(content[1] ?? '', content[2] ?? '', content[3] ?? '', request, response);
      return;
    }
    refuse(response, 404, {});
  }

  #answerListing(name: string, response: ServerResponse): void {
    const repository = this.repositories.get(name);
    if (repository === undefined) {
      refuse(response, 404, { 'x-error-code': 'RepoNotFound', 'x-error-message': 'Repository not found' });
      return;
    }
    const names = [...Object.keys(repository.files), ...(repository.extraNames ?? [])];
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: name,
        sha: repository.commit,
        gated: repository.isGated === true ? 'auto' : false,
        cardData: { license: repository.licence },
        siblings: names.map((rfilename) => ({ rfilename })),
      }),
    );
  }

  #answerResolve(
    name: string,
    revision: string,
    filePath: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const repository = this.repositories.get(name);
    if (repository?.isGated === true) {
      const status = request.headers.authorization === undefined ? 401 : 403;
      refuse(response, status, { 'x-error-code': 'GatedRepo', 'x-error-message': 'Access is restricted' });
      return;
    }
    const file = repository?.files[decodeURIComponent(filePath)];
    if (repository === undefined || file === undefined || ![repository.commit, 'main'].includes(revision)) {
      refuse(response, 404, { 'x-error-code': 'EntryNotFound', 'x-error-message': 'Entry not found' });
      return;
    }
    const { commit } = repository;
    response.setHeader('x-repo-commit', commit);
    if (file.isLarge !== true) {
      response.setHeader('location', `/api/resolve-cache/models/${name}/${commit}/${filePath}`);
      response.statusCode = 307;
      response.end('Temporary Redirect');
      return;
    }
    response.setHeader('x-linked-etag', `"${sha256(file.bytes)}"`);
    response.setHeader('x-linked-size', String(file.bytes.length));
    response.setHeader('etag', '"of-the-redirect"');
    response.setHeader('location', `${this.storageEndpoint}/${name}/${filePath}?Signature=abc`);
    response.statusCode = 302;
    response.end('Found. Redirecting');
  }

  async #answerStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', this.storageEndpoint);
    const [, owner, name, ...rest] = address.pathname.split('/');
    const file = this.repositories.get(`${owner ?? ''}/${name ?? ''}`)?.files[rest.join('/')];
    if (file === undefined || address.searchParams.get('Signature') !== 'abc') {
      refuse(response, 403, {});
      return;
    }
    response.setHeader('etag', `"storage-${sha256(file.bytes).slice(0, 32)}"`);
    await this.#sendContent(file.bytes, request, response);
  }

  async #sendContent(bytes: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'HEAD') {
      response.setHeader('content-length', bytes.length);
      response.end();
      return;
    }
    const fault = this.contentFaults.shift();
    if (fault?.kind === 'status') {
      refuse(response, fault.status, fault.headers);
      return;
    }
    let content = fault?.kind === 'wrong-bytes' ? Buffer.from(bytes.map((byte) => byte ^ 0xff)) : bytes;
    if (fault?.kind === 'too-long') content = Buffer.concat([bytes, Buffer.alloc(1_000)]);
    const requested = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const condition = request.headers['if-range'];
    const isUnchanged = condition === undefined || condition === response.getHeader('etag');
    if (requested !== undefined && isUnchanged && fault?.kind !== 'ignore-range') {
      const start = Number(requested) + (fault?.kind === 'shifted-range' ? 1 : 0);
      response.statusCode = 206;
      response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
      content = content.subarray(start);
    }
    response.setHeader('content-length', content.length);
    if (fault?.kind === 'cut' || fault?.kind === 'stall') {
      const { kind } = fault;
      response.write(content.subarray(0, fault.afterBytes), () => {
        if (kind === 'cut') response.destroy();
      });
      return;
    }
    await this.#sendPaced(content, response);
  }

  async #sendPaced(content: Buffer, response: ServerResponse): Promise<void> {
    if (this.pace === null) {
      response.end(content);
      return;
    }
    const { chunkBytes, pauseMs } = this.pace;
    for (let offset = 0; offset < content.length && !response.destroyed; offset += chunkBytes) {
      response.write(content.subarray(offset, offset + chunkBytes));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    response.end();
  }
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Git's name for a blob of these bytes. */
export function gitSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
