/** The headers that keep a page to itself: what it may load, who may embed it, what it may use of the machine. */

/**
 * What the page may load: only its own files, and styles that carry this answer's nonce. `data:` and `blob:` are
 * pictures and sounds that the page makes itself. Style attributes need no allowance: the page sets styles through
 * the CSSOM, which no policy forbids.
 *
 * @param pageUrl the address of the page; its socket is named, as not every browser counts it to `'self'`
 * @param nonce for styles that a library puts into a shadow root, where no file reaches
 */
export function contentSecurityPolicy(pageUrl: string, nonce: string): string {
  const { protocol, host } = new URL(pageUrl);
  const socket = protocol === 'http:' ? ` ws://${host}` : '';
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:`,
    `media-src 'self' blob:`,
    `font-src 'self'`,
    `connect-src 'self'${socket}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

/** Headers of every answer, whatever it holds. */
export const isolatingHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * What of the machine a page may use: sound, and the list of what can play it, which browsers keep behind the
 * microphone's permission. Recording is asked for nowhere, and the desktop shell denies it.
 */
export const permissionsPolicy = [
  'accelerometer=()',
  'autoplay=(self)',
  'camera=()',
  'display-capture=()',
  'geolocation=()',
  'gyroscope=()',
  'microphone=(self)',
  'midi=()',
  'payment=()',
  'serial=()',
  'usb=()',
].join(', ');
