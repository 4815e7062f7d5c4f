/** Entry of the engine as a process of the desktop shell: opens it and lets everyone who brings a port call it. */
import { serveCommands } from '../shared/command-channel.ts';
import type { EngineEvents } from '../shared/engine-commands.ts';
import { messageToEngineSchema, type MessageFromEngine } from '../shared/engine-process-messages.ts';
import { asBangerError } from '../shared/errors.ts';
import { portChannel, type EmitterPort, type PortMessage } from '../shared/port-channel.ts';
import { EngineHost } from './engine-host.ts';
import { ShellInference } from './shell-inference.ts';
import { findShellPort, portOf } from './shell-port.ts';
import { ShellTrash } from './shell-trash.ts';

const shell = findShellPort();
if (shell === undefined) {
  process.stderr.write('This is a part of Banger Scorer and is started by it.\n');
  process.exit(2);
}

const inference = new ShellInference(tell);
const trash = new ShellTrash(tell);
const opening = open();

shell.on('message', (message) => void handle(message));

// The shell ends this process; Ctrl-C in a terminal reaches the whole group and must not look like a crash.
process.on('SIGINT', () => undefined);

function tell(message: MessageFromEngine): void {
  shell?.postMessage(message);
}

async function handle(event: PortMessage): Promise<void> {
  const message = messageToEngineSchema.parse(event.data);
  switch (message.kind) {
    case 'connect-caller':
      await connect(portOf(event));
      return;
    case 'inference-launched':
      inference.connect(message.launchId, portOf(event));
      return;
    case 'inference-exited':
      inference.tellExit(message);
      return;
    case 'trash-answered':
      trash.tellAnswer(message);
      return;
    case 'close':
      await (await opening)?.close();
      process.exit(0);
  }
}

async function open(): Promise<EngineHost | null> {
  try {
    const host = await EngineHost.open({
      launchInference: () => inference.launch(),
      moveToTrash: (paths) => trash.move(paths),
    });
    tell({ kind: 'ready' });
    return host;
  } catch (thrown) {
    tell({ kind: 'open-failed', error: asBangerError(thrown).toRecord() });
    return null;
  }
}

/** Answers one caller until its port closes. */
async function connect(port: EmitterPort): Promise<void> {
  const host = await opening;
  if (host === null) {
    port.close();
    return;
  }
  const server = serveCommands<EngineEvents>(portChannel(port), (name, request, signal) =>
    host.call(name, request, signal),
  );
  const unsubscribe = host.subscribe((event) => {
    server.emit(event);
  });
  port.on('close', () => {
    unsubscribe();
    server.close();
  });
}
