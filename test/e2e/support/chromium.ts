/** Which Chromium the page is tried in, and how it is started. */
import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

/** Debian's package, where Playwright has no browser of its own. */
const debianChromium = '/usr/bin/chromium';

/**
 * Launch options for `chromium.launch`: the browser that `BANGER_CHROMIUM` names, else Debian's, else Playwright's.
 * It calls nowhere by itself, and the root account has no sandbox.
 */
export function chromiumOptions(): LaunchOptions {
  const named = process.env['BANGER_CHROMIUM'] ?? (existsSync(debianChromium) ? debianChromium : undefined);
  return {
    ...(named !== undefined && { executablePath: named }),
    args: [
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    chromiumSandbox: process.getuid?.() !== 0,
  };
}
