/** The port to the desktop shell in a process that it started, typed here so that nothing needs Electron. */
import type { EmitterPort, PortMessage } from '../shared/port-channel.ts';

export interface ShellPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: PortMessage) => void): unknown;
}

/** Undefined in a process that the shell did not start. */
export function findShellPort(): ShellPort | undefined {
  return (process as unknown as { parentPort?: ShellPort | null }).parentPort ?? undefined;
}

/** The port that came with a message. */
export function portOf(message: PortMessage): EmitterPort {
  const [port] = message.ports;
  if (port === undefined) throw new TypeError('A message came without its port.');
  return port;
}
