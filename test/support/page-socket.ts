/** A page's side of the socket, as a browser would open it. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { connectCommands, type CommandClient } from '../../src/shared/command-channel.ts';
import {
  engineCommands,
  engineEvents,
  type EngineCommands,
  type EngineEvent,
} from '../../src/shared/engine-commands.ts';
import { shellCommands, shellEvents, type ShellCommands } from '../../src/shared/shell-commands.ts';
import { decodeMessage, encodeMessage, type SocketChannel } from '../../src/shared/socket-codec.ts';

export interface PageSocket {
  socket: WebSocket;
  engine: CommandClient<EngineCommands>;
  shell: CommandClient<ShellCommands>;
  /** Engine events so far. */
  events: EngineEvent[];
  /** The code that the socket was closed with. */
  closed: Promise<number>;
}

/** Opens the socket with a session. @throws Error where it is refused */
export async function openPageSocket(origin: string, cookie: string): Promise<PageSocket> {
  const socket = await openSocket(origin, { Cookie: cookie });
  const listeners = new Map<SocketChannel, (message: unknown) => void>();
  socket.on('message', (data: Buffer) => {
    const { channel, message } = decodeMessage(data.toString('utf8'));
    listeners.get(channel)?.(message);
  });
  const channelOf = (channel: SocketChannel) => ({
    send: (message: unknown) => {
      socket.send(encodeMessage({ channel, message }));
    },
    onMessage: (listener: (message: unknown) => void) => void listeners.set(channel, listener),
  });
  const events: EngineEvent[] = [];
  const engine = connectCommands(channelOf('engine'), engineCommands, engineEvents, (event) => {
    events.push(event);
  });
  const shell = connectCommands(channelOf('shell'), shellCommands, shellEvents, () => undefined);
  const closed = once(socket, 'close').then(([code]) => {
    engine.close();
    shell.close();
    return code as number;
  });
  return { socket, engine, shell, events, closed };
}

/** Opens a socket with these headers besides the page's own origin. @throws Error where it is refused */
export async function openSocket(
  origin: string,
  headers: Record<string, string>,
  path = '/socket',
): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, {
    headers: { Origin: origin, ...headers },
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return socket;
}
