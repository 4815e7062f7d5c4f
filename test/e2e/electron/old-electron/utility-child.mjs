/** In the child of `utility-process.cjs`: gives the entry a `process.parentPort` and ports, then runs it. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import codec from './json-codec.cjs';

const sendNow = process.send.bind(process);
const send = (message) => sendNow(codec.encode(message), () => undefined);
const ports = new Map();

/** Emits its messages once somebody listens and has started it. */
class BridgedPort extends EventEmitter {
  #portId;
  #waiting = [];
  #isStarted = false;

  constructor(portId) {
    super();
    this.#portId = portId;
  }

  start() {
    this.#isStarted = true;
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] });
  }

  postMessage(data) {
    if (process.connected) send({ kind: 'port', portId: this.#portId, data });
  }

  close() {
    if (process.connected && ports.delete(this.#portId)) send({ kind: 'port-closed', portId: this.#portId });
  }

  receive(data) {
    if (this.#isStarted) this.emit('message', { data, ports: [] });
    else this.#waiting.push(data);
  }
}

/** Keeps messages until the first listener. */
class ParentPort extends EventEmitter {
  #waiting = [];

  constructor() {
    super();
    this.on('newListener', (name) => {
      if (name === 'message') queueMicrotask(() => this.#flush());
    });
  }

  postMessage(data) {
    if (process.connected) send({ kind: 'parent', data });
  }

  receive(message) {
    this.#waiting.push(message);
    this.#flush();
  }

  #flush() {
    while (this.listenerCount('message') > 0 && this.#waiting.length > 0) {
      this.emit('message', this.#waiting.shift());
    }
  }
}

const parentPort = new ParentPort();
process.parentPort = parentPort;
process.send = undefined;

process.on('message', (message) => {
  const { kind, portId, portIds, data } = codec.decode(message);
  if (kind === 'port') ports.get(portId)?.receive(data);
  if (kind === 'port-closed') {
    const port = ports.get(portId);
    ports.delete(portId);
    port?.emit('close');
  }
  if (kind !== 'parent') return;
  for (const id of portIds) ports.set(id, new BridgedPort(id));
  parentPort.receive({ data, ports: portIds.map((id) => ports.get(id)) });
});

// As with a real utility process, the end of the app is the end of this one.
process.on('disconnect', () => process.exit(0));

const [, , entry] = process.argv;
process.argv.splice(1, 2, entry);
await import(pathToFileURL(entry).href);
