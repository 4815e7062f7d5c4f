/** Reaches engine and shell of a served page through one WebSocket, which is opened again when it is lost. */
import { z } from 'zod';
import type { MessageChannelLike } from '../../shared/command-channel.ts';
import { decodeMessage, encodeMessage } from '../../shared/socket-codec.ts';
import type { ChannelName, Transport, TransportListener } from './transport.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

const envelopeSchema = z.object({ channel: z.enum(['engine', 'shell']), message: z.unknown() });

export class SocketTransport implements Transport {
  readonly #listener: TransportListener;
  #socket: WebSocket | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: number | undefined;
  #isClosed = false;

  constructor(listener: TransportListener) {
    this.#listener = listener;
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    window.clearTimeout(this.#retryTimer);
    this.#socket?.close();
  }

  #connect(): void {
    const address = new URL('socket', document.baseURI);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address);
    this.#socket = socket;
    const receivers = new Map<ChannelName, (message: unknown) => void>();
    const channelNamed = (channel: ChannelName): MessageChannelLike => ({
      send: (message) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(encodeMessage({ channel, message }));
      },
      onMessage: (listener) => receivers.set(channel, listener),
    });
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.#retryMs = FIRST_RETRY_MS;
      for (const name of ['engine', 'shell'] as const) this.#listener(name, channelNamed(name));
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data !== 'string') return;
      const { channel, message } = envelopeSchema.parse(decodeMessage(event.data));
      receivers.get(channel)?.(message);
    };
    socket.onclose = () => {
      for (const name of ['engine', 'shell'] as const) this.#listener(name, null);
      if (this.#isClosed) return;
      if (!wasOpen) void leaveIfLockedOut();
      this.#retryTimer = window.setTimeout(() => {
        this.#connect();
      }, this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
    };
  }
}

/** A server that was started anew knows no session from before; the page that it shows then says how to come in. */
async function leaveIfLockedOut(): Promise<void> {
  try {
    const { status } = await fetch(new URL('.', document.baseURI), { method: 'HEAD' });
    if (status === 403) window.location.reload();
  } catch {
    // It is not there yet.
  }
}
