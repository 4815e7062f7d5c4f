/** The inference process's side of its line to the engine: Node's own to a parent, or a port that a shell brings. */
import { messageToInferenceSchema } from '../../shared/engine-process-messages.ts';
import type { EmitterPort, PortMessage } from '../../shared/port-channel.ts';

export interface EngineChannel {
  send: (message: unknown) => void;
  onMessage: (listener: (message: unknown) => void) => void;
  onClose: (listener: () => void) => void;
}

interface ShellPort {
  once(event: 'message', listener: (message: PortMessage) => void): unknown;
}

/** Waits for the port where a desktop shell started this process. */
export async function openEngineChannel(): Promise<EngineChannel> {
  const { parentPort } = process as unknown as { parentPort?: ShellPort | null };
  if (parentPort != null) return overPort(await receivePort(parentPort));
  if (process.send !== undefined) return overParent();
  process.stderr.write('This is a part of banger and is started by it.\n');
  process.exit(2);
}

function overParent(): EngineChannel {
  return {
    send: (message) => process.send?.(message),
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.on('disconnect', listener),
  };
}

function overPort(port: EmitterPort): EngineChannel {
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        // A transferred buffer, for one, arrives as null.
        if (typeof data === 'object' && data !== null) listener(data);
      });
      port.start();
    },
    onClose: (listener) => port.on('close', listener),
  };
}

function receivePort(shell: ShellPort): Promise<EmitterPort> {
  return new Promise((resolve, reject) => {
    shell.once('message', ({ data, ports: [port] }) => {
      if (messageToInferenceSchema.safeParse(data).success && port !== undefined) resolve(port);
      else reject(new TypeError('The first message did not bring the engine’s port.'));
    });
  });
}
