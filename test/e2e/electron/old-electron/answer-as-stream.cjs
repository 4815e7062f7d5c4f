/** A handler of web requests as one of `registerStreamProtocol`, which is what `protocol.handle` once was. */
'use strict';
const { Readable } = require('node:stream');

function answerAsStream(handler, Request) {
  return (request, answer) => {
    const gone = new AbortController();
    const webRequest = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      signal: gone.signal,
    });
    handler(webRequest).then(
      (response) => {
        const data = readableOf(response.body);
        data.once('close', () => gone.abort());
        answer({ statusCode: response.status, headers: Object.fromEntries(response.headers), data });
      },
      (thrown) => {
        console.error(thrown);
        answer({ error: -2 });
      },
    );
  };
}

/** Reads only as much as is asked for, and tells the source when nobody reads any more. */
function readableOf(body) {
  if (body === null) return Readable.from([]);
  const reader = body.getReader();
  return new Readable({
    read() {
      reader.read().then(
        ({ done, value }) => this.push(done ? null : Buffer.from(value)),
        (thrown) => this.destroy(thrown),
      );
    },
    destroy(error, done) {
      reader.cancel(error).then(
        () => done(error),
        () => done(error),
      );
    },
  });
}

module.exports = { answerAsStream };
