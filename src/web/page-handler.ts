/**
 * Answers what the page asks for by address: its own files, and songs to play. The desktop shell and the server of
 * the page both use it, so that there is one place where files leave the machine's disk. It keeps to what an old
 * shell's Node has or can be given: `Response`, `ReadableStream`, `URL`.
 */
import { randomBytes } from 'node:crypto';
import type { OpenMedia } from './media-response.ts';
import { respondWithMedia, songIdOf } from './media-response.ts';
import { PageFiles, type PageFile } from './page-files.ts';
import type { PageRequest } from './page-request.ts';
import { contentSecurityPolicy, isolatingHeaders, permissionsPolicy } from './security-headers.ts';

export interface PageHandlerOptions {
  /** Where the built page lies. */
  pageFolder: string;
  openMedia: OpenMedia;
}

/** Answers a request whose sender was already found to be allowed to ask. Never rejects. */
export type PageHandler = (request: PageRequest) => Promise<Response>;

export function createPageHandler({ pageFolder, openMedia }: PageHandlerOptions): PageHandler {
  const files = new PageFiles(pageFolder);
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return plainResponse(405, 'Not allowed.');
    const { pathname } = new URL(request.url);
    const songId = songIdOf(pathname);
    if (songId !== null) return respondWithMedia(songId, request, openMedia);
    const path = pathname === '/' || pathname === '' ? '/index.html' : pathname;
    try {
      const file = await files.read(path);
      return file === null ? plainResponse(404, 'Not found.') : respondWithFile(file, request);
    } catch {
      return plainResponse(500, 'The page’s files cannot be read.');
    }
  };
}

function respondWithFile(file: PageFile, { url, method }: PageRequest): Response {
  const isPage = file.mimeType.startsWith('text/html');
  const nonce = randomBytes(16).toString('base64');
  const contents = isPage ? withStyleNonce(file.contents, nonce) : file.contents;
  return new Response(method === 'HEAD' ? null : contents, {
    status: 200,
    headers: {
      ...isolatingHeaders,
      'Cache-Control': file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache',
      'Content-Length': String(contents.byteLength),
      'Content-Security-Policy': contentSecurityPolicy(url, nonce),
      'Content-Type': file.mimeType,
      ...(isPage && { 'Permissions-Policy': permissionsPolicy }),
    },
  });
}

/**
 * Tells the page the nonce of its answer, where Vite's pages look for it:
 * `document.querySelector('meta[property=csp-nonce]').nonce`.
 */
function withStyleNonce(contents: Uint8Array, nonce: string): Uint8Array<ArrayBuffer> {
  const page = Buffer.from(contents).toString('utf8');
  const told = page.replace('<head>', `<head>\n    <meta property="csp-nonce" nonce="${nonce}" />`);
  return new Uint8Array(Buffer.from(told, 'utf8'));
}

function plainResponse(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: {
      ...isolatingHeaders,
      'Cache-Control': 'no-store',
      'Content-Type': 'text/plain; charset=utf-8',
      ...(status === 405 && { Allow: 'GET, HEAD' }),
    },
  });
}
