/** What pages may ask of the browser: to choose the audio output, and nothing else; nothing leaves the machine. */
import type { Session } from 'electron';
import { isOwnAddress } from './app-scheme.ts';
import type { Log } from './log-file.ts';

/** What an address must begin with to be loaded at all. */
const allowedSchemes = ['app:', 'blob:', 'data:', 'devtools:'];

export function guardSession(session: Session, log: Log): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    const isAllowed = permission === 'speaker-selection' && isOwnAddress(contents.getURL());
    if (!isAllowed) log.info(`Refused the permission “${permission}”`);
    answer(isAllowed);
  });
  session.setPermissionCheckHandler((_contents, permission, origin, { mediaType }) => {
    if (!isOwnAddress(origin)) return false;
    // The names of outputs stand behind the check (not the request) for audio capture, which itself stays refused.
    return permission === 'speaker-selection' || (permission === 'media' && mediaType === 'audio');
  });
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    // A picture or a table that the page made itself: the person is asked where to save it.
    if (isMadeByPage(item.getURL())) return;
    event.preventDefault();
    log.info(`Refused to download ${item.getURL()}`);
  });
  // Chromium would fetch dictionaries from its maker's servers.
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const isAllowed = allowedSchemes.some((scheme) => url.startsWith(scheme));
    if (!isAllowed) log.info(`Refused to load ${url}`);
    answer({ cancel: !isAllowed });
  });
}

/** Whether an address stands for something that the page holds in its memory. */
function isMadeByPage(address: string): boolean {
  return address.startsWith('blob:') && isOwnAddress(address.slice('blob:'.length));
}
