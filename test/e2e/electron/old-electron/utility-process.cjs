/** `utilityProcess` over a current Node's child process: messages and ports travel over its own channel. */
'use strict';
const { fork } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { join } = require('node:path');
const { decode, encode } = require('./json-codec.cjs');

const node =
  process.env.BANGER_TEST_NODE ??
  join(__dirname, '../../../../node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Node reads no archive; what it runs lies beside it. */
const besideArchive = (file) => file.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');

class UtilityProcess extends EventEmitter {
  #child;
  #ports = new Map();
  #lastPortId = 0;

  constructor(loader, entry, args, { stdio = [] } = {}) {
    super();
    const env = { ...process.env };
    delete env.ELECTRON_RUN_AS_NODE;
    this.#child = fork(besideArchive(loader), [besideArchive(entry), ...args], {
      execPath: node,
      execArgv: [],
      env,
      stdio: ['ignore', stdio[1] ?? 'inherit', stdio[2] ?? 'inherit', 'ipc'],
    });
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.#receive(decode(message)));
    this.#child.on('error', (error) => this.emit('error', 'FatalError', 'child process', String(error)));
    this.#child.on('exit', (code) => {
      for (const port of this.#ports.values()) port.close();
      this.#ports.clear();
      this.emit('exit', code ?? -1);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get stdout() {
    return this.#child.stdout;
  }

  get stderr() {
    return this.#child.stderr;
  }

  postMessage(data, ports = []) {
    this.#send({ kind: 'parent', data, portIds: ports.map((port) => this.#bridge(port)) });
    for (const port of ports) port.start();
  }

  kill() {
    return this.#child.kill();
  }

  #bridge(port) {
    this.#lastPortId += 1;
    const portId = this.#lastPortId;
    this.#ports.set(portId, port);
    port.on('message', ({ data }) => this.#send({ kind: 'port', portId, data }));
    port.on('close', () => {
      this.#ports.delete(portId);
      this.#send({ kind: 'port-closed', portId });
    });
    return portId;
  }

  #receive({ kind, portId, data }) {
    if (kind === 'parent') this.emit('message', data);
    if (kind === 'port') this.#ports.get(portId)?.postMessage(data);
    if (kind === 'port-closed') {
      this.#ports.get(portId)?.close();
      this.#ports.delete(portId);
    }
  }

  #send(message) {
    if (this.#child.connected) this.#child.send(encode(message), () => undefined);
  }
}

function createUtilityProcess(loader) {
  return { fork: (entry, args = [], options = {}) => new UtilityProcess(loader, entry, args, options) };
}

module.exports = { createUtilityProcess };
