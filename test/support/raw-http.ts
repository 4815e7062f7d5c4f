/** Speaks HTTP by hand, so that requests can be sent that no client would send. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RawAnswer {
  /** 0 where the connection ended without an answer. */
  status: number;
  /** Everything that came. */
  text: string;
}

/** Connects to a port of this machine; the connection's errors count as its end. */
export async function openConnection(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes as they are and reads until the other side ends, or until one answer is complete. */
export async function sendRaw(port: number, bytes: string | Buffer, limitMs = 10_000): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const parts: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    socket.on('data', (part) => {
      parts.push(part);
      if (isComplete(Buffer.concat(parts).toString('latin1'))) end();
    });
    socket.on('error', end).on('close', end).on('end', end);
  });
  socket.write(bytes);
  await ended;
  socket.destroy();
  const text = Buffer.concat(parts).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}

/** Puts a request together, with the usual headers unless told. */
export function rawRequest(
  target: string,
  { method = 'GET', headers = {}, port }: { method?: string; headers?: Record<string, string>; port: number },
): string {
  const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** Whether a whole answer is there; one without a length ends with the connection. */
function isComplete(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const head = text.slice(0, headEnd).toLowerCase();
  if (/^http\/1\.1 (?:204|304|101)/.test(head)) return true;
  const length = /content-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return text.length >= headEnd + 4 + Number(length);
  return head.includes('transfer-encoding: chunked') && text.endsWith('0\r\n\r\n');
}
