/** Keeps every page of the app where it is: no other address, no new window, no embedded page. */
import type { App, WebContents } from 'electron';
import { isPageAddress } from './app-scheme.ts';
import type { Log } from './log-file.ts';

/** Guards all contents that are created from now on. */
export function guardAllContents(app: Pick<App, 'on'>, log: Log): void {
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, log);
  });
}

function guardContents(contents: WebContents, log: Log): void {
  const stay = (event: { preventDefault: () => void }, address: string) => {
    event.preventDefault();
    log.info(`Refused to go to ${address}`);
  };
  contents.on('will-navigate', (event, address) => {
    // The page may load itself anew.
    if (!isPageAddress(address)) stay(event, address);
  });
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame) stay(details, details.url);
  });
  contents.on('will-redirect', (event, address) => {
    stay(event, address);
  });
  contents.on('will-attach-webview', (event) => {
    stay(event, 'an embedded page');
  });
  contents.setWindowOpenHandler(({ url }) => {
    log.info(`Refused to open ${url}`);
    return { action: 'deny' };
  });
}
