/** The product's own links: what may be opened in the person's browser. */
import { BangerError } from '../shared/errors.ts';

const allowedHosts = [
  'huggingface.co',
  'creativecommons.org',
  'apache.org',
  'ffmpeg.org',
  'github.com',
] as const;

/**
 * @returns the address in its plain form
 * @throws BangerError `usage` for every other address
 */
export function requireAllowedLink(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isAllowed =
    url?.protocol === 'https:' &&
    url.port === '' &&
    url.username === '' &&
    url.password === '' &&
    allowedHosts.some((host) => url.hostname === host || url.hostname === `www.${host}`);
  if (!isAllowed) throw new BangerError('usage', 'This link is not one of the app’s own.', { file: address });
  return url.href;
}
