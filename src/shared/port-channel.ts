/** A message port of Node's or Electron's kind (an emitter with `data` in its events) as a channel for calls. */
import type { MessageChannelLike } from './command-channel.ts';

export interface PortMessage<Port = EmitterPort> {
  data: unknown;
  ports: readonly Port[];
}

/** What Electron's `MessagePortMain` has, as far as it is used. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: PortMessage) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Messages wait in the port until somebody listens, so that none is lost. */
export function portChannel(port: EmitterPort): MessageChannelLike {
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        listener(data);
      });
      port.start();
    },
  };
}
