/** One page's socket: carries the calls and events of both channels, within limits, until one side is gone. */
import type { RawData, WebSocket } from 'ws';
import type { AnswerCommand, CommandServer, MessageChannelLike } from '../shared/command-channel.ts';
import { serveCommands } from '../shared/command-channel.ts';
import type { EngineEvent, EngineEvents } from '../shared/engine-commands.ts';
import { BangerError } from '../shared/errors.ts';
import type { ShellEvent, ShellEvents } from '../shared/shell-commands.ts';
import type { SocketChannel } from '../shared/socket-codec.ts';
import { decodeMessage, encodeMessage } from '../shared/socket-codec.ts';
import type { ServerLimits } from './server-limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Why a socket is closed by us; codes of RFC 6455. */
const closeCodes = { goingAway: 1001, notText: 1003, refused: 1008 } as const;

/** How long a page may take to say goodbye. */
const GOODBYE_MS = 1_000;

export interface SocketAnswers {
  engine: AnswerCommand;
  shell: AnswerCommand;
}

export class SocketSession {
  readonly #socket: WebSocket;
  readonly #limits: ServerLimits;
  readonly #listeners = new Map<SocketChannel, (message: unknown) => void>();
  readonly #engine: CommandServer<EngineEvents>;
  readonly #shell: CommandServer<ShellEvents>;
  readonly #bucket: TokenBucket;
  readonly #waiting: string[] = [];
  readonly #pings: NodeJS.Timeout;
  #drain: NodeJS.Timeout | null = null;
  #impatience: NodeJS.Timeout | null = null;
  #isAlive = true;

  constructor(socket: WebSocket, answers: SocketAnswers, limits: ServerLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#bucket = new TokenBucket({
      capacity: limits.messageBurst,
      perSecond: limits.messagesPerSecond,
      nowMs: performance.now(),
    });
    this.#engine = serveCommands<EngineEvents>(this.#channel('engine'), answers.engine);
    this.#shell = serveCommands<ShellEvents>(this.#channel('shell'), answers.shell);
    this.#pings = setInterval(() => {
      this.#ping();
    }, limits.pingMs);
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // A broken frame or connection; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#end();
    });
  }

  emitEngineEvent(event: EngineEvent): void {
    this.#engine.emit(event);
  }

  emitShellEvent(event: ShellEvent): void {
    this.#shell.emit(event);
  }

  /** Tells the page that the server ends. */
  close(): void {
    this.#close(closeCodes.goingAway, 'The server ends.');
  }

  #channel(channel: SocketChannel): MessageChannelLike {
    return {
      send: (message) => {
        this.#send(channel, message);
      },
      onMessage: (listener) => {
        this.#listeners.set(channel, listener);
      },
    };
  }

  /** Never throws: whoever sends an event or an answer has nobody to tell. */
  #send(channel: SocketChannel, message: unknown): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > this.#limits.unsentBytes) {
      this.#socket.terminate();
      return;
    }
    this.#socket.send(encodedOrFailure(channel, message), () => undefined);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary || !Buffer.isBuffer(data)) {
      this.#close(closeCodes.notText, 'Messages are text.');
      return;
    }
    this.#isAlive = true;
    this.#waiting.push(data.toString('utf8'));
    this.#deliver();
  }

  /** Hands on what waits, as far as the rate allows; meanwhile the connection is not read. */
  #deliver(): void {
    if (this.#drain !== null) return;
    while (this.#waiting.length > 0) {
      if (!this.#bucket.take(performance.now())) {
        this.#socket.pause();
        this.#drain = setTimeout(() => {
          this.#drain = null;
          this.#deliver();
        }, this.#bucket.waitMs());
        return;
      }
      this.#dispatch(this.#waiting.shift() ?? '');
    }
    if (this.#socket.isPaused) this.#socket.resume();
  }

  #dispatch(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      const { channel, message } = decodeMessage(text);
      this.#listeners.get(channel)?.(message);
    } catch (thrown) {
      if (!(thrown instanceof BangerError)) throw thrown;
      this.#waiting.length = 0;
      this.#close(closeCodes.refused, 'A message was not in the agreed form.');
    }
  }

  /** Whoever does not say goodbye in time is not waited for. */
  #close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.#impatience ??= setTimeout(() => {
      this.#socket.terminate();
    }, GOODBYE_MS);
  }

  #ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping(() => undefined);
  }

  #end(): void {
    clearInterval(this.#pings);
    if (this.#drain !== null) clearTimeout(this.#drain);
    if (this.#impatience !== null) clearTimeout(this.#impatience);
    this.#waiting.length = 0;
    this.#engine.close();
    this.#shell.close();
  }
}

/** The text of a message; an answer that no text can hold becomes a failure, so that nobody waits for it. */
function encodedOrFailure(channel: SocketChannel, message: unknown): string {
  try {
    return encodeMessage({ channel, message });
  } catch (thrown) {
    const error = new BangerError('internal', 'An answer could not be sent.', { details: String(thrown) });
    const id = typeof message === 'object' && message !== null && 'i' in message ? String(message.i) : '';
    return encodeMessage({
      channel,
      message: { t: 's', i: id, r: { ok: false, error: error.toRecord() } },
    });
  }
}
