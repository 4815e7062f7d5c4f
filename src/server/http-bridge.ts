/** Between Node's requests and the web's: reads one, writes the other, and lets go of whoever does not read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageRequest } from '../web/page-request.ts';

/** @param host its `Host` header, already found to be allowed */
export function toPageRequest(incoming: IncomingMessage, host: string, signal: AbortSignal): PageRequest {
  return {
    method: incoming.method ?? '',
    // Put together as text: resolved against a base, “//elsewhere/” would name another host.
    url: `http://${host}${incoming.url ?? ''}`,
    headers: {
      get: (name) => {
        const value = incoming.headers[name.toLowerCase()];
        return typeof value === 'string' ? value : null;
      },
    },
    signal,
  };
}

/**
 * Writes an answer as fast as it is read. Whoever stops reading for too long, or whose answer breaks off, loses the
 * connection.
 */
export async function sendResponse(
  outgoing: ServerResponse,
  response: Response,
  unreadMs: number,
): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) {
    outgoing.end();
    return;
  }
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (outgoing.destroyed) return;
      if (!outgoing.write(value)) await drained(outgoing, unreadMs);
    }
    outgoing.end();
  } catch {
    // The status is already on its way; only a broken connection says that the rest is missing.
    outgoing.destroy();
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Resolves when what was written is read or nobody is there any more; rejects when it takes too long. */
function drained(outgoing: ServerResponse, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(() => {
      outgoing.off('drain', done).off('close', done);
      reject(new Error('The reader is gone.'));
    }, limitMs);
    outgoing.on('drain', done).on('close', done);
  });
}
