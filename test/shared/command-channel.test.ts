/** Calls and events over a real message port: answers, errors, cancelling, garbage, closing. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { callCommand } from '../../src/shared/call-command.ts';
import type { MessageChannelLike } from '../../src/shared/command-channel.ts';
import { connectCommands, serveCommands } from '../../src/shared/command-channel.ts';
import type { CommandHandlers } from '../../src/shared/contract.ts';
import { BangerError, hasErrorCode } from '../../src/shared/errors.ts';

const commands = {
  double: { request: z.strictObject({ value: z.number() }), response: z.object({ value: z.number() }) },
  'list-ids': { request: z.strictObject({}), response: z.instanceof(Int32Array) },
  fail: { request: z.strictObject({}), response: z.null() },
  wait: { request: z.strictObject({}), response: z.null() },
} as const;
const events = { ticked: z.object({ count: z.int() }) } as const;

const handlers: CommandHandlers<typeof commands> = {
  double: ({ value }) => ({ value: 2 * value }),
  'list-ids': () => Int32Array.of(3, 1, 2),
  fail: () => {
    throw new BangerError('file-missing', 'It is gone.', {
      file: '/songs/a.wav',
      nextStep: 'Look elsewhere.',
    });
  },
  wait: (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new BangerError('cancelled', 'It was cancelled.'));
      });
    }),
};

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function channelOver(port: MessagePort): MessageChannelLike {
  ports.push(port);
  return {
    send: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => port.on('message', listener),
  };
}

function connect() {
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  const server = serveCommands<typeof events>(channelOver(port1), (name, request, signal) =>
    callCommand(commands, handlers, name as keyof typeof commands, request, { signal }),
  );
  const client = connectCommands(channelOver(port2), commands, events, (event) => heard.push(event));
  return { server, client, heard, rawPort: port2 };
}

test('a call is answered, typed arrays included', async () => {
  const { client } = connect();
  expect(await client.call('double', { value: 21 })).toEqual({ value: 42 });
  expect(await client.call('list-ids', {})).toEqual(Int32Array.of(3, 1, 2));
});

test('an error keeps its code, its file and its next step', async () => {
  const { client } = connect();
  await expect(client.call('fail', {})).rejects.toMatchObject({
    code: 'file-missing',
    message: 'It is gone.',
    file: '/songs/a.wav',
    nextStep: 'Look elsewhere.',
  });
});

test.each(['no-such', 'constructor', '__proto__', 'toString'])('there is no command “%s”', async (name) => {
  const { client } = connect();
  await expect(client.call(name as 'double', { value: 1 })).rejects.toMatchObject({ code: 'usage' });
});

test('a request that is not as declared is refused', async () => {
  const { client } = connect();
  await expect(client.call('double', { value: 'many' as unknown as number })).rejects.toMatchObject({
    code: 'usage',
  });
});

test('a cancelled call rejects with that, and one that was cancelled before is not sent', async () => {
  const { client } = connect();
  const ended = new AbortController();
  const waiting = client.call('wait', {}, { signal: ended.signal });
  ended.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  await expect(client.call('double', { value: 1 }, { signal: ended.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('events are heard in order; what is not as declared is passed over', async () => {
  const { server, client, heard } = connect();
  server.emit({ name: 'ticked', payload: { count: 1 } });
  server.emit({ name: 'ticked', payload: { count: 'two' as unknown as number } });
  server.emit({ name: 'constructor' as 'ticked', payload: { count: 3 } });
  server.emit({ name: 'ticked', payload: { count: 4 } });
  await client.call('double', { value: 1 });
  expect(heard).toEqual([
    { name: 'ticked', payload: { count: 1 } },
    { name: 'ticked', payload: { count: 4 } },
  ]);
});

test('when the other side is gone, open and later calls reject', async () => {
  const { client } = connect();
  const waiting = client.call('wait', {});
  client.close();
  await expect(waiting).rejects.toMatchObject({ code: 'engine-unreachable' });
  await expect(client.call('double', { value: 1 })).rejects.toMatchObject({ code: 'engine-unreachable' });
});

test('closing the answering side cancels what is under way', async () => {
  const { port1, port2 } = new MessageChannel();
  const begun = Promise.withResolvers<AbortSignal>();
  const server = serveCommands<typeof events>(channelOver(port1), (_name, _request, signal) => {
    begun.resolve(signal);
    return new Promise(() => undefined);
  });
  const client = connectCommands(channelOver(port2), commands, events, () => undefined);
  client.call('wait', {}).catch(() => undefined);
  const signal = await begun.promise;
  expect(signal.aborted).toBe(false);
  server.close();
  expect(signal.aborted).toBe(true);
  client.close();
});

test('whatever else comes over the channel neither stops nor confuses it', async () => {
  const { client, rawPort } = connect();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.anything({ withNullPrototype: false, withBigInt: true, withDate: true, withTypedArray: true }),
        fc.record({
          t: fc.constantFrom('q', 's', 'x'),
          i: fc.string(),
          m: fc.constantFrom('call', 'cancel', 'toString', '__defineGetter__', 'constructor', 'nothing'),
          a: fc.array(fc.anything({ withNullPrototype: false }), { maxLength: 3 }),
        }),
      ),
      async (message) => {
        try {
          rawPort.postMessage(message);
        } catch {
          // Functions and symbols cannot be sent at all.
          return;
        }
        expect(await client.call('double', { value: 4 })).toEqual({ value: 8 });
      },
    ),
    { numRuns: 300 },
  );
});

test('a number of open calls is enough', async () => {
  const { client } = connect();
  const outcomes = Array.from({ length: 600 }, () =>
    client.call('wait', {}).catch((thrown: unknown) => (hasErrorCode(thrown, 'usage') ? 'refused' : 'other')),
  );
  await client.call('double', { value: 1 }).catch(() => undefined);
  client.close();
  const refused = (await Promise.all(outcomes)).filter((outcome) => outcome === 'refused');
  expect(refused).toHaveLength(100);
});
