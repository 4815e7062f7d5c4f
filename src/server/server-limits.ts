/** How much the server takes from whoever connects, before it lets go of them. */

export interface ServerLimits {
  /** Connections at once, sockets included; a page uses fewer than ten. */
  connections: number;
  /** Pages at once that have a socket. */
  sockets: number;
  /** Bytes of a request's first line and headers. */
  headerBytes: number;
  /** How long a request may take to arrive. */
  requestMs: number;
  /** How long an unused connection is kept for the next request. */
  idleMs: number;
  /** How long whoever is answered may take to read a quarter of a megabyte; a paused player reads nothing. */
  unreadMs: number;
  /** Bytes of one message over a socket: an order to judge 100,000 songs takes 2 MB. */
  messageBytes: number;
  /** Messages over one socket in a second, in the long run; beyond, they wait in the connection. */
  messagesPerSecond: number;
  /** Messages over one socket that may come at once. */
  messageBurst: number;
  /** Bytes that wait for a page to read them. */
  unsentBytes: number;
  /** How often a socket must give a sign of life. */
  pingMs: number;
  /** Tokens that may be tried at once, and how long until one more may be. */
  tokenBurst: number;
  tokenMs: number;
}

export const usualLimits: Readonly<ServerLimits> = {
  connections: 128,
  sockets: 16,
  headerBytes: 16 * 1024,
  requestMs: 10_000,
  idleMs: 5_000,
  unreadMs: 300_000,
  messageBytes: 8 * 1024 * 1024,
  messagesPerSecond: 200,
  messageBurst: 400,
  unsentBytes: 64 * 1024 * 1024,
  pingMs: 20_000,
  tokenBurst: 10,
  tokenMs: 1_000,
};
