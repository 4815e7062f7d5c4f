/** What the Hub's answers, and its silence, mean to the person. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { BangerError } from '../../shared/errors.ts';
import { RetryableFailure } from './retry.ts';

/** What was asked for, for the sentences of an error. */
export interface HubSubject {
  endpoint: string;
  repository: string;
  /** A file of the repository, undefined when the repository itself was asked for. */
  file?: string | undefined;
  hasToken: boolean;
}

/**
 * The error that an answer of 400 or above stands for. Those that may pass by themselves are retryable.
 *
 * @param isFromHub false for the storage that the Hub redirected to: its refusals mean that a signed address has
 * expired, and the next attempt gets a fresh one
 */
export function answerError(
  response: Response,
  subject: HubSubject,
  isFromHub: boolean,
): BangerError | RetryableFailure {
  const { status, headers } = response;
  const what = subject.file === undefined ? subject.repository : `${subject.file} of ${subject.repository}`;
  const page = `${subject.endpoint}/${subject.repository}`;
  const errorCode = headers.get('x-error-code') ?? '';
  const details = [`HTTP ${status}`, errorCode, headers.get('x-error-message') ?? '', response.url]
    .filter((part) => part !== '')
    .join(' ');

  if (status === 429) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
    const wait = retryAfterMs === null ? 'a few minutes' : formatWait(retryAfterMs);
    const failure = new BangerError('download-rate-limited', `The Hub asks to slow down (for ${what}).`, {
      nextStep: `Start again in ${wait}; what has arrived is kept.${
        subject.hasToken ? '' : ' Requests with a token (HF_TOKEN) have a higher limit.'
      }`,
      details,
    });
    return new RetryableFailure(failure, retryAfterMs);
  }
  if (status >= 500 || status === 408) {
    const failure = new BangerError(
      'download-failed',
      `The Hub could not answer for ${what} (HTTP ${status}).`,
      {
        nextStep: 'Try again later; what has arrived is kept.',
        details,
      },
    );
    return new RetryableFailure(failure, parseRetryAfter(headers.get('retry-after')));
  }
  if (!isFromHub) {
    const failure = new BangerError(
      'download-failed',
      `The Hub’s storage refused ${what} (HTTP ${status}).`,
      {
        nextStep: 'Try again later; what has arrived is kept.',
        details,
      },
    );
    return new RetryableFailure(failure);
  }
  if (errorCode === 'GatedRepo' || (status === 403 && errorCode === '')) {
    return new BangerError(
      'download-gated',
      `${subject.repository} is only given to those who asked for access.`,
      {
        nextStep: subject.hasToken
          ? `Ask for access at ${page} with the account that the token belongs to, then start again.`
          : `Ask for access at ${page}, then set HF_TOKEN to a token of that account and start again.`,
        details,
      },
    );
  }
  if (status === 401 || status === 403) {
    return unauthorisedError(subject, details);
  }
  if (status === 404) {
    return new BangerError('download-not-found', `The Hub does not have ${what}.`, {
      nextStep: `Look at ${page}; if it was moved, take the model from disk with “banger models import”.`,
      details,
    });
  }
  return new BangerError('download-failed', `The Hub refused ${what} (HTTP ${status}).`, {
    nextStep: `Look at ${page}, or take the model from disk with “banger models import”.`,
    details,
  });
}

function unauthorisedError(subject: HubSubject, details: string): BangerError {
  return subject.hasToken
    ? new BangerError(
        'download-unauthorised',
        `The Hub does not accept the token for ${subject.repository}.`,
        {
          nextStep:
            'Make a new token at https://huggingface.co/settings/tokens with read access, and set HF_TOKEN to it.',
          details,
        },
      )
    : new BangerError(
        'download-unauthorised',
        `The Hub wants a token before it gives ${subject.repository}.`,
        {
          nextStep:
            'Make a token at https://huggingface.co/settings/tokens, set HF_TOKEN to it and start again. If HF_ENDPOINT is set, check it.',
          details,
        },
      );
}

/**
 * The error for a request that got no answer, or whose answer broke off.
 *
 * @param thrown what `fetch` or its body threw
 */
export function connectionError(thrown: unknown, subject: HubSubject): BangerError | RetryableFailure {
  if (thrown instanceof RetryableFailure || thrown instanceof BangerError) return thrown;
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  const code = systemErrorCode(cause) ?? '';
  const host = new URL(subject.endpoint).host;
  const details = [thrown, cause].map(String).join(' / ') + (code === '' ? '' : ` (${code})`);
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY/.test(code)) {
    return new BangerError('network-unreachable', `The connection to ${host} is not trusted (${code}).`, {
      nextStep:
        'Behind a company proxy, point NODE_EXTRA_CA_CERTS to its certificate; otherwise check the clock.',
      details,
      cause: thrown,
    });
  }
  const brokeOff = /ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_BODY|UND_ERR_RES|HPE_/.test(code);
  if (brokeOff || String(thrown).includes('terminated')) return brokenOffFailure(subject, details);
  const failure = new BangerError(
    'network-unreachable',
    `${host} cannot be reached${code === '' ? '' : ` (${code})`}.`,
    {
      nextStep:
        'Check the network and HF_ENDPOINT (behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1) and start again, or take the model from disk with “banger models import”.',
      details,
      cause: thrown,
    },
  );
  return new RetryableFailure(failure);
}

/** The error for an answer that ended before its end. */
export function brokenOffFailure(subject: HubSubject, details?: string): RetryableFailure {
  const { host } = new URL(subject.endpoint);
  const failure = new BangerError('download-failed', `The connection to ${host} broke off.`, {
    nextStep: 'Start again to go on where it stopped.',
    details,
  });
  return new RetryableFailure(failure);
}

/** The error for a server that stopped sending. */
export function stallFailure(subject: HubSubject, silentMs: number): RetryableFailure {
  const host = new URL(subject.endpoint).host;
  const failure = new BangerError(
    'download-failed',
    `${host} has sent nothing for ${Math.round(silentMs / 1_000)} seconds.`,
    { nextStep: 'Check the network and start again to go on where it stopped.' },
  );
  return new RetryableFailure(failure);
}

/** The error for work that needs the network while `HF_HUB_OFFLINE` forbids it. */
export function offlineError(repository: string): BangerError {
  return new BangerError(
    'network-unreachable',
    `${repository} is not complete on this machine, and HF_HUB_OFFLINE forbids downloads.`,
    { nextStep: 'Unset HF_HUB_OFFLINE, or take the model from disk with “banger models import”.' },
  );
}

/** Milliseconds that a `Retry-After` header asks for (seconds or a date), null when it is absent or nonsense. */
export function parseRetryAfter(header: string | null, nowMs: number = Date.now()): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function formatWait(waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
