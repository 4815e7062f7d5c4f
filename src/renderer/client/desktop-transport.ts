/** Reaches engine and shell of the desktop app through the message ports that the preload hands over. */
import { z } from 'zod';
import type { MessageChannelLike } from '../../shared/command-channel.ts';
import type { Transport, TransportListener } from './transport.ts';

const portMessageSchema = z.object({
  kind: z.literal('banger-port'),
  port: z.enum(['engine', 'shell']),
});

export class DesktopTransport implements Transport {
  readonly #listener: TransportListener;
  readonly #ports = new Map<'engine' | 'shell', MessagePort>();

  constructor(listener: TransportListener) {
    this.#listener = listener;
    window.addEventListener('message', this.#receive);
    window.postMessage({ kind: 'banger-ports-wanted' }, window.location.origin);
  }

  close(): void {
    window.removeEventListener('message', this.#receive);
    for (const port of this.#ports.values()) port.close();
  }

  /** A new port of a kind stands for a process that was started again. */
  readonly #receive = (event: MessageEvent): void => {
    if (event.source !== window) return;
    const message = portMessageSchema.safeParse(event.data);
    const [port] = event.ports;
    if (!message.success || port === undefined) return;
    this.#ports.get(message.data.port)?.close();
    this.#ports.set(message.data.port, port);
    this.#listener(message.data.port, channelOver(port));
  };
}

function channelOver(port: MessagePort): MessageChannelLike {
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      port.onmessage = (event) => {
        listener(event.data);
      };
    },
  };
}
