/** The shell's own words in English, in one place for a translation. */

export const appName = 'Banger Scorer';

export const texts = {
  menus: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    song: 'Song',
    window: 'Window',
    help: 'Help',
  },
  actions: {
    'add-folder': 'Add folder…',
    export: 'Export…',
    settings: 'Settings…',
    about: `About ${appName}`,
    'show-list': 'List',
    cull: 'Cull',
    compare: 'Compare A/B',
    training: 'Training',
    insight: 'Insight',
    'focus-search': 'Search',
    'toggle-side-bar': 'Side bar',
    'toggle-inspector': 'Inspector',
    'play-pause': 'Play or pause',
    'next-song': 'Next song',
    'previous-song': 'Previous song',
    keep: 'Keep',
    reject: 'Reject',
    'clear-verdict': 'Clear verdict',
    undo: 'Undo',
    redo: 'Redo',
    'select-all': 'Select all',
    'zoom-in': 'Zoom in',
    'zoom-out': 'Zoom out',
    'zoom-reset': 'Actual size',
    shortcuts: 'Keyboard shortcuts',
    'toggle-jobs': 'Jobs',
  },
  openLog: 'Show the log file',
  closeWindow: 'Close window',
  quit: `Quit ${appName}`,
  tray: {
    idle: 'Nothing to score',
    paused: 'Paused',
    engineAway: 'Starting…',
    scoring: (done: number, total: number) => `Scoring song ${done + 1} of ${total}`,
    show: `Show ${appName}`,
    pause: 'Pause scoring',
    resume: 'Resume scoring',
  },
  batchDone: {
    title: (scored: number) =>
      scored === 1 ? 'One new song is scored' : `${scored.toLocaleString('en')} new songs are scored`,
    allFailed: (failed: number) =>
      failed === 1
        ? 'A new song could not be scored'
        : `${failed.toLocaleString('en')} new songs could not be scored`,
    body: 'Open the list to hear the first.',
    bodyWithFailed: (failed: number) =>
      failed === 1
        ? 'One could not be scored; Jobs says why.'
        : `${failed} could not be scored; Jobs says why.`,
    bodyAllFailed: 'Jobs says why.',
  },
  windowKeepsEnding: {
    message: 'The window keeps ending.',
    detail: 'Your songs and verdicts are safe. The log file says more.',
    again: 'Open it again',
    quit: 'Quit',
  },
  engine: {
    ended: 'The part of the app that does the work ended unexpectedly.',
    keepsEnding: 'The part of the app that does the work keeps ending.',
    startedAgain: 'It is started again by itself; nothing is lost.',
    tryAgain: 'Try again, and if that does not help look at the log file.',
  },
  dialogs: {
    chooseEncoder: 'Choose the folder of an encoder',
    chooseHead: 'Choose the file of a head',
    chooseTable: 'Choose a CSV file',
    tableFiles: 'Tables',
    headFiles: 'PyTorch checkpoints',
    allFiles: 'All files',
  },
} as const;
