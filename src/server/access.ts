/** Who may use the page: whoever brought a token that was printed, and has a session since. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServerLimits } from './server-limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Tokens that were printed and not used; older ones are forgotten. */
const MAXIMUM_TOKENS = 10;

/** Sessions of one run; the one that began first is forgotten. */
const MAXIMUM_SESSIONS = 100;

/** Neither secrets nor what is compared with them are kept as they are, so that comparing tells nothing. */
type Digest = Buffer;

export type Entry = { session: string } | 'refused' | 'too-many-tries';

/** Tokens open once. Sessions last until the server ends. Both are 256 random bits and live in memory alone. */
export class Access {
  readonly #tokens: Digest[] = [];
  readonly #sessions: Digest[] = [];
  readonly #tries: TokenBucket;
  readonly #cookieName: string;

  /** @param port of the server: cookies are shared by all ports of a host, so each server's has a name of its own */
  constructor(port: number, { tokenBurst, tokenMs }: Pick<ServerLimits, 'tokenBurst' | 'tokenMs'>) {
    this.#cookieName = `banger-session-${port}`;
    this.#tries = new TokenBucket({
      capacity: tokenBurst,
      perSecond: 1000 / tokenMs,
      nowMs: performance.now(),
    });
  }

  /** A new token, good for one entry. */
  newToken(): string {
    return keep(this.#tokens, MAXIMUM_TOKENS);
  }

  /** Takes a token for a session; the token is worth nothing afterwards. */
  enter(token: string): Entry {
    if (!this.#tries.take(performance.now())) return 'too-many-tries';
    const place = findDigest(this.#tokens, token);
    if (place === -1) return 'refused';
    this.#tokens.splice(place, 1);
    return { session: keep(this.#sessions, MAXIMUM_SESSIONS) };
  }

  /** The cookie of a session; it goes with this host's own requests alone, and no script reads it. */
  cookieFor(session: string): string {
    return `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether the `Cookie` header of a request holds a session. */
  hasSession(cookieHeader: string | undefined): boolean {
    const prefix = `${this.#cookieName}=`;
    const values = (cookieHeader ?? '')
      .split(';')
      .map((cookie) => cookie.trim())
      .filter((cookie) => cookie.startsWith(prefix))
      .map((cookie) => cookie.slice(prefix.length));
    // A second cookie of the name is none that a browser got from here.
    const [session, ...others] = values;
    return session !== undefined && others.length === 0 && findDigest(this.#sessions, session) !== -1;
  }
}

function keep(digests: Digest[], maximum: number): string {
  const secret = randomBytes(32).toString('base64url');
  digests.push(digestOf(secret));
  if (digests.length > maximum) digests.shift();
  return secret;
}

function digestOf(secret: string): Digest {
  return createHash('sha256').update(secret).digest();
}

/** The place of a secret, -1 where it is unknown; takes as long either way. */
function findDigest(digests: readonly Digest[], secret: string): number {
  const wanted = digestOf(secret);
  let place = -1;
  for (const [index, digest] of digests.entries()) if (timingSafeEqual(digest, wanted)) place = index;
  return place;
}
