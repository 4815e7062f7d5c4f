/** The page's own scheme: its address, its privileges, and which addresses are the page. */
import type { CustomScheme } from 'electron';

export const pageAddress = 'app://bundle/';

/** Without `corsEnabled` and `secure`, Web Audio would play the songs muted; `stream` lets media seek. */
export const appScheme: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, stream: true, supportFetchAPI: true, corsEnabled: true },
};

/** Whether an address lies on the page's own origin. */
export function isOwnAddress(address: string | undefined): boolean {
  if (address === undefined || !URL.canParse(address)) return false;
  const { protocol, host, username, password, port } = new URL(address);
  return protocol === 'app:' && host === 'bundle' && port === '' && username === '' && password === '';
}

/** Whether an address is the page itself, whatever its query and fragment. */
export function isPageAddress(address: string | undefined): boolean {
  return isOwnAddress(address) && ['/', '/index.html'].includes(new URL(address ?? '').pathname);
}
