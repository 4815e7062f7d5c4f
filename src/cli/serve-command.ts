/** `banger serve`: the app as a page in a browser, from this machine. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { EngineHost } from '../engine/engine-host.ts';
import { isLoopback } from '../server/allowed-hosts.ts';
import { asBangerError, BangerError } from '../shared/errors.ts';
import { exitCodes } from './exit-codes.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { onEnter } from './on-enter.ts';
import { parsePort, parseSeconds } from './parse-options.ts';
import { printError, printNote } from './print-error.ts';
import { untilAborted } from './until-aborted.ts';
import { writeOutput } from './write-output.ts';

const serveOptionsSchema = z.object({
  port: z.number(),
  host: z.string().min(1),
  allow: z.array(z.string()).default([]),
  library: z.string().optional(),
  ffmpeg: z.string().optional(),
  open: z.boolean(),
  settle: z.number(),
});
type ServeOptions = z.infer<typeof serveOptionsSchema>;

/** Where the build puts the page, unless it was told another place by the same variable. */
const pageFolder =
  process.env['BANGER_PAGE_FOLDER'] ?? join(import.meta.dirname, '..', '..', 'out', 'renderer');

export function addServeCommand(program: Command, version: string): void {
  program
    .command('serve')
    .description('Open the app as a page in your browser, served from this machine alone.')
    .argument('[folder...]', 'folders to watch from now on, with all their subfolders')
    .addOption(
      new Option('--port <number>', 'port to listen at (default: a free one)')
        .default(0)
        .argParser(parsePort),
    )
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--allow <folder...>', 'folders that the page may look at and write to')
    .option('--library <file>', 'library to use (default: your own)')
    .option('--ffmpeg <file>', 'the ffmpeg to use')
    .option('--no-open', 'only print the address')
    .addOption(
      new Option('--settle <seconds>', 'how long a file must stand still before it counts as complete')
        .default(3)
        .argParser(parseSeconds),
    )
    .addHelpText(
      'after',
      `
Examples:
  banger serve ~/Music/generated
  banger serve --no-open --port 8300        then, from afar: ssh -L 8300:127.0.0.1:8300 studio

The printed address opens the page once; Enter prints another. Without --allow, the page may look at and write to
your music folder, the folders named here and those that are watched, and nothing else.
Exit codes: 0 ended as asked, 1 could not begin, 2 wrong usage.`,
    )
    .action(async (folders: string[], options: unknown) => {
      process.exitCode = await withInterruptSignal((signal) =>
        serveUntil(folders, serveOptionsSchema.parse(options), version, signal),
      );
    });
}

async function serveUntil(
  folders: readonly string[],
  options: ServeOptions,
  version: string,
  signal: AbortSignal,
): Promise<number> {
  for (const folder of [...folders, ...options.allow]) requireFolder(folder);
  // Loaded here, so that every other command starts without them.
  const { EngineHost } = await import('../engine/engine-host.ts');
  const { serve } = await import('../server/serve.ts');
  const host = await EngineHost.open({
    ...(options.library !== undefined && { folders: { libraryFile: options.library } }),
    ffmpegPath: options.ffmpeg,
    settleSeconds: options.settle,
  });
  try {
    const page = await serve({
      host,
      pageFolder,
      version,
      listenAt: options.host,
      port: options.port,
      // Folders named to be watched may be looked at as well.
      allowedFolders: options.allow.length > 0 ? [...options.allow, ...folders] : [],
    });
    try {
      if (!isLoopback(options.host)) {
        printNote(
          'Others on this network can reach the page and read what it shows and plays: nothing is encrypted.\n' +
            'Where you do not trust all of them, leave out --host and use a tunnel (ssh -L).',
        );
      }
      const address = page.newAddress();
      await writeOutput(`${address}\n`);
      printNote('Open this address in a browser; Enter prints another one, Ctrl-C ends it.');
      const enter = onEnter(() => void writeOutput(`${page.newAddress()}\n`));
      if (options.open && canOpenBrowser()) await openInBrowser(address);
      try {
        void watchFolders(host, folders, signal);
        await untilAborted(signal);
      } finally {
        enter.end();
      }
    } finally {
      await page.close();
    }
    return exitCodes.success;
  } finally {
    await host.close();
  }
}

/**
 * Watches the folders that are not watched yet; those that are keep their patterns. What keeps them from being
 * watched, such as a missing ffmpeg, is no reason to end: the page shows it too.
 */
async function watchFolders(
  host: EngineHost,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (folders.length === 0) return;
  try {
    const watched = new Set((await host.call('list-watched-folders', {})).map(({ path }) => path));
    for (const folder of folders.map((path) => resolve(path))) {
      if (!watched.has(folder)) await host.call('add-watched-folder', { path: folder });
    }
  } catch (thrown) {
    if (!signal.aborted) printError(asBangerError(thrown));
  }
}

/** Whether there is a screen for a browser to appear on. */
function canOpenBrowser(): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => Boolean(process.env[name]));
}

/** The address is printed anyway, so whatever keeps a browser from opening is no reason to end. */
async function openInBrowser(address: string): Promise<void> {
  try {
    const { default: open } = await import('open');
    const browser = await open(address);
    browser.on('error', () => undefined);
  } catch {
    printNote('No browser could be opened.');
  }
}

function requireFolder(path: string): void {
  const folder = resolve(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new BangerError('file-missing', 'There is no such folder.', {
    file: folder,
    nextStep: 'Check the path, or connect the drive that it lies on.',
  });
}
