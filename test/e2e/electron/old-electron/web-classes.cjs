/** Request, Response and Headers as far as the product uses them, and newer built-ins, for Node 16. */
'use strict';
const { ReadableStream } = require('node:stream/web');

class Headers {
  #values = new Map();

  constructor(given = {}) {
    const entries = given instanceof Headers ? given.entries() : Object.entries(given);
    for (const [name, value] of entries) this.set(name, value);
  }

  get(name) {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  set(name, value) {
    this.#values.set(name.toLowerCase(), String(value));
  }

  has(name) {
    return this.#values.has(name.toLowerCase());
  }

  entries() {
    return this.#values.entries();
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

class Request {
  constructor(url, { method = 'GET', headers = {}, signal } = {}) {
    this.url = url;
    this.method = method;
    this.headers = new Headers(headers);
    this.signal = signal ?? new AbortController().signal;
  }
}

class Response {
  constructor(body = null, { status = 200, headers = {} } = {}) {
    this.status = status;
    this.headers = new Headers(headers);
    this.body = body === null || body instanceof ReadableStream ? body : streamOf(body);
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }
}

function streamOf(body) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  return new ReadableStream({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function withResolvers() {
  let resolve;
  let reject;
  const promise = new this((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function canParse(address, base) {
  try {
    return Boolean(new URL(address, base));
  } catch {
    return false;
  }
}

function addMissingGlobals() {
  for (const [name, value] of Object.entries({ ReadableStream, Headers, Request, Response })) {
    globalThis[name] ??= value;
  }
  Promise.withResolvers ??= withResolvers;
  URL.canParse ??= canParse;
}

module.exports = { addMissingGlobals, Headers, Request, Response };
