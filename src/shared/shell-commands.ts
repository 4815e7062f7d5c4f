/**
 * Commands and events of what surrounds the engine: the desktop shell, or the server of the page. Each answers them
 * in its own way; `get-shell` says what this one can do.
 */
import { z } from 'zod';
import type { CommandDeclarations, CommandHandlers, DomainEvent, EventDeclarations } from './contract.ts';
import { errorRecordSchema } from './errors.ts';
import { songIdSchema } from './song-query.ts';

const nothing = z.strictObject({});

export const shellFactsSchema = z.object({
  /** `desktop`: a window of its own. `page`: a browser's, served over loopback. */
  kind: z.enum(['desktop', 'page']),
  platform: z.enum(['linux', 'darwin', 'win32', 'other']),
  version: z.string(),
  /** Whether the system's own file dialogs, file manager and drag-out can be used; a page has `list-folder`. */
  hasNativeFiles: z.boolean(),
  /** Whether a token given to the app is kept, encrypted by the system. */
  keepsHubToken: z.boolean(),
});
export type ShellFacts = z.infer<typeof shellFactsSchema>;

/** One folder of the served machine, for choosing a place without a native dialog. */
export const folderListingSchema = z.object({
  /** Absolute; null for the list of the roots that may be looked at. */
  path: z.string().nullable(),
  /** Null at a root. */
  parent: z.string().nullable(),
  folders: z.array(z.object({ name: z.string(), path: z.string() })),
  /** Audio files directly in it. */
  songCount: z.int(),
});
export type FolderListing = z.infer<typeof folderListingSchema>;

/** Parts of the window that a menu, a tray or another program can ask for. */
export const menuActions = [
  'add-folder',
  'export',
  'settings',
  'about',
  'show-list',
  'cull',
  'compare',
  'training',
  'insight',
  'focus-search',
  'toggle-side-bar',
  'toggle-inspector',
  'play-pause',
  'next-song',
  'previous-song',
  'keep',
  'reject',
  'clear-verdict',
  'undo',
  'redo',
  'select-all',
  'zoom-in',
  'zoom-out',
  'zoom-reset',
  'shortcuts',
  'toggle-jobs',
] as const;
export const menuActionSchema = z.enum(menuActions);
export type MenuAction = z.infer<typeof menuActionSchema>;

export const shellCommands = {
  'get-shell': { request: nothing, response: shellFactsSchema },

  /** Asks the person for folders by the system's dialog; none when it was closed. */
  'choose-folders': {
    request: z.strictObject({ title: z.string().max(200), isMultiple: z.boolean().default(false) }),
    response: z.array(z.string()),
  },
  /** Asks for a model: an encoder's folder or a head's file. Null when the dialog was closed. */
  'choose-model': {
    request: z.strictObject({ kind: z.enum(['encoder', 'head']) }),
    response: z.string().nullable(),
  },
  /** Asks for a CSV file; null when the dialog was closed. */
  'choose-table': { request: nothing, response: z.string().nullable() },
  /** Asks where to save; null when the dialog was closed. */
  'choose-save-file': {
    request: z.strictObject({ suggestedName: z.string().max(200), extension: z.string().max(10) }),
    response: z.string().nullable(),
  },
  /** What a folder holds, below the roots that the server was started with. Throws `file-unreadable` elsewhere. */
  'list-folder': {
    request: z.strictObject({ path: z.string().nullable() }),
    response: folderListingSchema,
  },

  /** Shows a file or a folder in the system's file manager. */
  'reveal-file': { request: z.strictObject({ path: z.string().min(1) }), response: nothing },
  /** Lets the songs under the pointer be dragged to another program; to be called while the drag starts. */
  'start-drag': {
    request: z.strictObject({ songIds: z.array(songIdSchema).min(1).max(500) }),
    response: nothing,
  },
  /** Opens one of the product's own links (licence, model card, ffmpeg) in the browser. */
  'open-link': { request: z.strictObject({ url: z.url({ protocol: /^https$/ }) }), response: nothing },

  /** Keeps a Hugging Face token, encrypted by the system, and hands it to the engine; null forgets it. */
  'keep-hub-token': { request: z.strictObject({ token: z.string().max(500).nullable() }), response: nothing },
  'get-start-at-login': {
    request: nothing,
    response: z.object({ isSupported: z.boolean(), isOn: z.boolean() }),
  },
  /** Starts the app hidden when the person logs in. */
  'set-start-at-login': { request: z.strictObject({ isOn: z.boolean() }), response: nothing },
  /** Starts the engine anew after it was given up. */
  'restart-engine': { request: nothing, response: nothing },
} satisfies CommandDeclarations;
export type ShellCommands = typeof shellCommands;
export type ShellHandlers = CommandHandlers<ShellCommands>;

export const shellEvents = {
  'menu-chosen': z.object({ action: menuActionSchema }),
  /** Files and folders that another program or the system opened with the app. */
  'paths-opened': z.object({ paths: z.array(z.string()) }),
  /**
   * `running`: calls are answered. `restarting`: it ended unexpectedly and is started again. `failed`: it kept
   * ending and waits for `restart-engine`.
   */
  'engine-state-changed': z.object({
    state: z.enum(['running', 'restarting', 'failed']),
    error: errorRecordSchema.nullable(),
  }),
} satisfies EventDeclarations;
export type ShellEvents = typeof shellEvents;
export type ShellEvent = DomainEvent<ShellEvents>;
