/**
 * Calls and events over a message channel (a port, a socket, a pipe): one side answers a table of commands, the other
 * calls them by name. Both sides check what they receive by its declaration.
 */
import { createBirpc } from 'birpc';
import { z } from 'zod';
import { answerSchema, type Answer } from './answer.ts';
import type { CommandRequest, CommandResponse } from './call-command.ts';
import type { CommandDeclarations, DomainEvent, EventDeclarations } from './contract.ts';
import { asBangerError, BangerError } from './errors.ts';
import { OpenWaits } from './open-waits.ts';

/** Carries messages that structured clone or a codec can hold. */
export interface MessageChannelLike {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** A call on its way. Ids are the caller's, unique for the life of its channel. */
const callSchema = z.object({
  callId: z.int().nonnegative(),
  name: z.string().max(100),
  request: z.unknown(),
});

interface AnsweringSide {
  call(call: unknown): Promise<Answer>;
  cancel(callId: unknown): void;
}

interface CallingSide {
  receive(event: unknown): void;
}

/** Answers one command by its name. */
export type AnswerCommand = (name: string, request: unknown, signal: AbortSignal) => Promise<unknown>;

export interface CommandServer<Events extends EventDeclarations> {
  /** Tells the other side; after `close` nobody hears it. */
  emit(event: DomainEvent<Events>): void;
  /** Cancels the calls that are under way and answers no more. */
  close(): void;
}

/** Calls that one channel may have under way at once; a page needs a few dozen. */
const MAXIMUM_OPEN_CALLS = 500;

/** Answers the calls that come over a channel. */
export function serveCommands<Events extends EventDeclarations>(
  channel: MessageChannelLike,
  answer: AnswerCommand,
): CommandServer<Events> {
  const open = new Map<number, AbortController>();
  let isClosed = false;
  const functions: AnsweringSide = {
    call: async (given) => {
      const parsed = callSchema.safeParse(given);
      if (!parsed.success) return failure(new BangerError('usage', 'A call was not in the agreed form.'));
      const { callId, name, request } = parsed.data;
      if (open.has(callId) || open.size >= MAXIMUM_OPEN_CALLS) {
        return failure(new BangerError('usage', 'Too many calls are under way.'));
      }
      const ended = new AbortController();
      open.set(callId, ended);
      try {
        return { ok: true, value: await answer(name, request, ended.signal) };
      } catch (thrown) {
        return failure(thrown);
      } finally {
        open.delete(callId);
      }
    },
    cancel: (callId) => {
      if (typeof callId === 'number') open.get(callId)?.abort();
    },
  };
  const remote = createBirpc<CallingSide, AnsweringSide>(
    functions,
    channelOptions(channel, functions, () => isClosed),
  );
  return {
    emit: (event) => {
      if (!isClosed) void remote.receive.asEvent(event);
    },
    close: () => {
      isClosed = true;
      for (const ended of open.values()) ended.abort();
      remote.$close();
    },
  };
}

export interface CallOptions {
  /** Cancels the call, which then rejects with `cancelled`. */
  signal?: AbortSignal | undefined;
}

/** Calls the commands of the other side. */
export interface CommandClient<Declarations extends CommandDeclarations> {
  /** @throws BangerError what the command throws, or `engine-unreachable` once the channel is closed */
  call<Name extends keyof Declarations & string>(
    name: Name,
    request: CommandRequest<Declarations, Name>,
    options?: CallOptions,
  ): Promise<CommandResponse<Declarations, Name>>;
  /** Rejects open and later calls; for when the other side is gone. */
  close(): void;
}

/** Connects to the side that answers. Events that are not as declared are passed over. */
export function connectCommands<Declarations extends CommandDeclarations, Events extends EventDeclarations>(
  channel: MessageChannelLike,
  declarations: Declarations,
  events: Events,
  onEvent: (event: DomainEvent<Events>) => void,
): CommandClient<Declarations> {
  let lastCallId = 0;
  const waits = new OpenWaits();
  let isClosed = false;
  const functions: CallingSide = {
    receive: (given) => {
      const event = readEvent(events, given);
      if (event !== null) onEvent(event);
    },
  };
  const remote = createBirpc<AnsweringSide, CallingSide>(
    functions,
    channelOptions(channel, functions, () => isClosed),
  );
  return {
    call: async (name, request, { signal } = {}) => {
      if (isClosed) throw engineUnreachable();
      if (signal?.aborted === true) throw new BangerError('cancelled', 'The call was cancelled.');
      lastCallId += 1;
      const callId = lastCallId;
      const cancel = () => void remote.cancel.asEvent(callId);
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        const answer = await waits.settle(remote.call({ callId, name, request }));
        return readAnswer(declarations, name, answer);
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
    close: () => {
      isClosed = true;
      waits.end(engineUnreachable());
      remote.$close();
    },
  };
}

function channelOptions(channel: MessageChannelLike, functions: object, isClosed: () => boolean) {
  return {
    post: (message: unknown) => {
      if (!isClosed()) channel.send(message);
    },
    on: (listener: (message: unknown) => void) => {
      channel.onMessage((message) => {
        if (!isClosed() && isOurMessage(message)) listener(message);
      });
    },
    // The other side names the function: only the agreed ones, never what every object inherits.
    resolver: (name: string, own: unknown) => (Object.hasOwn(functions, name) ? own : undefined) as never,
    // Some calls take as long as they take; whoever waits can cancel.
    timeout: -1,
  };
}

/**
 * Anything else on the channel is not ours; a transferred buffer, for one, arrives as null. A function’s name that is
 * no text would end the process that looks it up.
 */
function isOurMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  return !('m' in message) || typeof message.m === 'string';
}

function failure(thrown: unknown): Answer {
  return { ok: false, error: asBangerError(thrown).toRecord() };
}

function readAnswer<Declarations extends CommandDeclarations, Name extends keyof Declarations & string>(
  declarations: Declarations,
  name: Name,
  given: unknown,
): CommandResponse<Declarations, Name> {
  const answer = answerSchema.parse(given);
  if (!answer.ok) throw BangerError.fromRecord(answer.error);
  return declarations[name]?.response.parse(answer.value) as CommandResponse<Declarations, Name>;
}

function readEvent<Events extends EventDeclarations>(
  events: Events,
  given: unknown,
): DomainEvent<Events> | null {
  const named = z.object({ name: z.string(), payload: z.unknown() }).safeParse(given);
  if (!named.success || !Object.hasOwn(events, named.data.name)) return null;
  const payload = events[named.data.name]?.safeParse(named.data.payload);
  if (payload?.success !== true) return null;
  return { name: named.data.name, payload: payload.data } as DomainEvent<Events>;
}

/** What a call rejects with while the side that answers is away. */
export function engineUnreachable(): BangerError {
  return new BangerError(
    'engine-unreachable',
    'The part of the app that does the work is not there just now.',
    {
      nextStep: 'It is started again by itself; try again in a moment.',
    },
  );
}
