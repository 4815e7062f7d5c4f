/** Requests to the Hub and to the storage it redirects to: who gets the token, which redirects are followed. */
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { answerError, connectionError, stallFailure, type HubSubject } from './hub-errors.ts';
import type { HubSettings } from './hub-settings.ts';
import { throwIfCancelled } from './retry.ts';

const MAXIMUM_REDIRECTS = 5;
const MAXIMUM_LISTING_BYTES = 8 * 2 ** 20;

/** A file as the Hub describes it. */
export interface RemoteFile {
  repository: string;
  commit: string;
  /** Path inside the repository, with `/`. */
  path: string;
  sizeBytes: number;
  /** Hash of the content and the blob's name in the cache: SHA-256 of a large file, git's SHA-1 of a small one. */
  digest: string;
}

/** What a request to the Hub needs besides its address. */
export interface HubRequest {
  settings: HubSettings;
  repository: string;
  file?: string | undefined;
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Whether a redirect to another host is followed; if not, it is the answer. */
  followsToStorage: boolean;
}

export interface HubAnswer {
  response: Response;
  /** What the Hub says of the content behind its redirect, null where it says nothing. */
  linkedEtag: string | null;
  linkedSizeBytes: number | null;
}

/** A timer that ends a request when nothing happens for too long. Whoever makes it disposes of it. */
export class StallWatch {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Aborted on a stall, or together with the caller's own signal. */
  readonly signal: AbortSignal;

  constructor(subject: HubSubject, timeoutMs: number, callerSignal: AbortSignal | undefined) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(stallFailure(subject, timeoutMs));
    }, timeoutMs);
    const signals = [this.#controller.signal, ...(callerSignal === undefined ? [] : [callerSignal])];
    this.signal = AbortSignal.any(signals);
  }

  /** Something arrived: start counting anew. */
  touch(): void {
    this.#timer.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

/** The subject of a request, as errors name it. */
export function subjectOf(request: Pick<HubRequest, 'settings' | 'repository' | 'file'>): HubSubject {
  return {
    endpoint: request.settings.endpoint,
    repository: request.repository,
    file: request.file,
    hasToken: request.settings.token !== null,
  };
}

/**
 * Sends one request and follows its redirects. The token goes to the endpoint's own host only.
 *
 * @param address absolute, on the endpoint
 * @returns an answer below 400; its body is the caller's to read or cancel
 * @throws RetryableFailure where trying again may help, BangerError where it will not
 */
export async function requestFromHub(address: string, request: HubRequest): Promise<HubAnswer> {
  const subject = subjectOf(request);
  const hubOrigin = new URL(request.settings.endpoint).origin;
  let url = new URL(address);
  let linkedEtag: string | null = null;
  let linkedSizeBytes: number | null = null;
  for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop += 1) {
    const isHub = url.origin === hubOrigin;
    const response = await send(url, request, isHub);
    if (isHub) {
      linkedEtag ??= response.headers.get('x-linked-etag');
      linkedSizeBytes ??= parseSize(response.headers.get('x-linked-size'));
    }
    const location = response.headers.get('location');
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
    if (!isRedirect) {
      if (response.ok) return { response, linkedEtag, linkedSizeBytes };
      await response.body?.cancel();
      throw answerError(response, subject, isHub);
    }
    const target = parseRedirect(location, url);
    if (target.origin !== hubOrigin && !request.followsToStorage) {
      return { response, linkedEtag, linkedSizeBytes };
    }
    await response.body?.cancel();
    url = target;
  }
  throw new BangerError('download-failed', `The Hub redirects ${request.repository} in circles.`, {
    nextStep: 'Check HF_ENDPOINT and try again later.',
    details: address,
  });
}

async function send(url: URL, request: HubRequest, isHub: boolean): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('user-agent', 'banger-scorer');
  // A compressed answer would make sizes and ranges mean something else.
  headers.set('accept-encoding', 'identity');
  if (isHub && request.settings.token !== null) {
    headers.set('authorization', `Bearer ${request.settings.token}`);
  }
  try {
    return await fetch(url, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal: request.signal,
    });
  } catch (error) {
    throw connectionError(error, subjectOf(request));
  }
}

function parseRedirect(location: string, from: URL): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : null;
  const isAllowed =
    target?.protocol === 'https:' || (target?.protocol === 'http:' && from.protocol === 'http:');
  if (target !== null && isAllowed) return target;
  throw new BangerError('download-failed', 'The Hub redirects to an address that is not safe to follow.', {
    nextStep: 'Check HF_ENDPOINT.',
    details: `${from.href} -> ${location}`,
  });
}

/** Reads a whole number of bytes from a header, null when it is absent or nonsense. */
export function parseSize(header: string | null): number | null {
  if (header === null || !/^\d{1,15}$/.test(header)) return null;
  return Number(header);
}

const repositorySchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({ rfilename: z.string() })).max(100_000),
  cardData: z
    .object({ license: z.string().max(100).optional().catch(undefined) })
    .nullish()
    .catch(undefined),
});

export interface RemoteRepository {
  commit: string;
  files: ReadonlySet<string>;
  /** The licence that the model card states now, null when it states none. */
  licenceOnCard: string | null;
}

/** What the Hub knows of a repository at a revision. */
export async function fetchRepository(
  repository: string,
  revision: string,
  context: { settings: HubSettings; stallTimeoutMs: number; signal?: AbortSignal | undefined },
): Promise<RemoteRepository> {
  const { settings } = context;
  const subject = subjectOf({ settings, repository });
  const watch = new StallWatch(subject, context.stallTimeoutMs, context.signal);
  try {
    const address = `${settings.endpoint}/api/models/${repository}/revision/${revision}`;
    const request = { settings, repository, signal: watch.signal, followsToStorage: false };
    const { response } = await requestFromHub(address, request);
    const text = await readText(response, watch, subject);
    const parsed = repositorySchema.safeParse(parseJson(text));
    if (!parsed.success) throw strangeAnswer(subject, parsed.error.message);
    return {
      commit: parsed.data.sha,
      files: new Set(parsed.data.siblings.map((sibling) => sibling.rfilename)),
      licenceOnCard: parsed.data.cardData?.license ?? null,
    };
  } catch (error) {
    throwIfCancelled(context.signal);
    throw error;
  } finally {
    watch.dispose();
  }
}

/** Size and hash of one file, as the Hub states them without sending it. */
export async function fetchFileFacts(
  file: Pick<RemoteFile, 'repository' | 'commit' | 'path'>,
  context: { settings: HubSettings; stallTimeoutMs: number; signal?: AbortSignal | undefined },
): Promise<RemoteFile> {
  const { settings } = context;
  const subject = subjectOf({ settings, repository: file.repository, file: file.path });
  const watch = new StallWatch(subject, context.stallTimeoutMs, context.signal);
  try {
    const answer = await requestFromHub(fileAddress(settings.endpoint, file), {
      settings,
      repository: file.repository,
      file: file.path,
      method: 'HEAD',
      signal: watch.signal,
      followsToStorage: false,
    });
    const { headers, ok } = answer.response;
    // A redirect to storage speaks of the file in its linked headers only; its own are about the redirect.
    const digest = parseDigest(answer.linkedEtag ?? (ok ? headers.get('etag') : null));
    const sizeBytes = answer.linkedSizeBytes ?? (ok ? parseSize(headers.get('content-length')) : null);
    if (digest === null || sizeBytes === null) {
      throw strangeAnswer(subject, `no size or no hash: ${JSON.stringify(Object.fromEntries(headers))}`);
    }
    return { ...file, digest, sizeBytes };
  } catch (error) {
    throwIfCancelled(context.signal);
    throw error;
  } finally {
    watch.dispose();
  }
}

/** Address of a file at its commit. */
export function fileAddress(
  endpoint: string,
  file: Pick<RemoteFile, 'repository' | 'commit' | 'path'>,
): string {
  const filePath = file.path.split('/').map(encodeURIComponent).join('/');
  return `${endpoint}/${file.repository}/resolve/${file.commit}/${filePath}`;
}

/** The hash in an entity tag, null when it holds none: it becomes a file's name, so nothing else may pass. */
export function parseDigest(etag: string | null): string | null {
  const match = /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/.exec(etag ?? '');
  return match?.[1] ?? null;
}

/**
 * The bytes of an answer as they arrive.
 *
 * @throws RetryableFailure or BangerError when the connection breaks off or stalls
 */
export async function* readBody(
  response: Response,
  watch: StallWatch,
  subject: HubSubject,
): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return;
  const body: AsyncIterable<Uint8Array> = response.body;
  try {
    for await (const chunk of body) {
      watch.touch();
      yield chunk;
    }
  } catch (error) {
    throw connectionError(error, subject);
  }
}

async function readText(response: Response, watch: StallWatch, subject: HubSubject): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let byteCount = 0;
  for await (const chunk of readBody(response, watch, subject)) {
    byteCount += chunk.byteLength;
    if (byteCount > MAXIMUM_LISTING_BYTES) throw strangeAnswer(subject, 'the listing is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function strangeAnswer(subject: HubSubject, details: string): BangerError {
  return new BangerError(
    'download-failed',
    `${new URL(subject.endpoint).host} does not answer as the Hub does.`,
    {
      nextStep: 'Check HF_ENDPOINT; a network that asks for a login also answers in the Hub’s place.',
      details,
    },
  );
}
