/** Words of the side bar. */
import type { watchStates } from '../../shared/watch.ts';

const states: Record<(typeof watchStates)[number], string> = {
  scanning: 'being looked through',
  watching: 'watched',
  polling: 'looked through every few seconds',
  periodic: 'looked through now and then',
  paused: 'paused',
  unavailable: 'not there',
};

export const sideBarStrings = {
  label: 'Library',
  library: 'Library',
  allSongs: 'All songs',
  undecided: 'Undecided',
  kept: 'Kept',
  rejected: 'Rejected',
  folders: 'Folders',
  addFolder: 'Add a folder',
  batches: 'Batches',
  latest: (when: string) => `Latest, ${when}`,
  batchHelp: (from: string, to: string) => `Songs that arrived together, ${from} to ${to}`,
  filters: 'Filters',
  noFilters: 'Filters that you save appear here.',
  states,
  more: (name: string) => `More for ${name}`,
  pause: 'Pause watching',
  resume: 'Watch again',
  rescan: 'Look through now',
  remove: 'Stop watching',
  removed: (name: string) => `“${name}” is no longer watched. Its songs stay in the library.`,
  watchAgain: 'Undo',
  rename: 'Rename…',
  renameLabel: (name: string) => `New name of ${name}`,
  moveUp: 'Move up',
  moveDown: 'Move down',
  delete: 'Delete',
  deleted: (name: string) => `Filter “${name}” deleted.`,
  unknownFilter: 'Saved by another version of the app',
  songCount: (count: number) => (count === 1 ? '1 song' : `${count.toLocaleString('en')} songs`),
};
