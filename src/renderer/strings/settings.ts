/** Words of the settings. */
import type { StartPosition } from '../../shared/app-settings.ts';
import { formatBytes } from '../../shared/format-quantities.ts';
import type { Finding } from '../../shared/library-care.ts';
import type { WatchedFolderStatus } from '../../shared/watch.ts';
import { commonStrings } from './common.ts';
import { roughTime } from './rough-time.ts';

const number = (value: number) => value.toLocaleString('en');

export const settingsStrings = {
  title: 'Settings',
  parts: {
    folders: 'Folders',
    models: 'Models',
    playback: 'Playback',
    shortcuts: 'Shortcuts',
    appearance: 'Appearance',
    privacy: 'Privacy',
    library: 'Library',
  },
  reading: 'Reading…',

  folders: {
    lead: 'New songs in these folders and below them are scored as they arrive. Nothing in them is changed.',
    none: 'No folder is watched yet.',
    add: 'Add a folder…',
    states: {
      scanning: 'being looked through',
      watching: 'watched',
      polling: 'looked through again and again',
      periodic: 'looked through now and then',
      paused: 'paused',
      unavailable: 'out of reach',
    } satisfies Record<WatchedFolderStatus['state'], string>,
    songs: commonStrings.songs,
    skipped: ({ notAudio, unreadable, unreadableName }: WatchedFolderStatus['skipped']) =>
      [
        ...(notAudio > 0 ? [`${number(notAudio)} that are not audio`] : []),
        ...(unreadable > 0 ? [`${number(unreadable)} that may not be read`] : []),
        ...(unreadableName > 0 ? [`${number(unreadableName)} whose names are no text`] : []),
      ].join(', '),
    passedOver: (parts: string) => `Passed over: ${parts}`,
    pause: 'Pause',
    resume: 'Go on',
    rescan: 'Look again',
    remove: 'Remove…',
    removeQuestion: 'Stop watching this folder? Its songs, scores and verdicts stay in the library.',
    removeYes: 'Stop watching',
    removeNo: 'Keep',
    patterns: 'Ignore…',
    patternsLabel: 'Passed over, one pattern a line',
    patternsHint: 'Such as drafts/** or *.wav; a ! before a pattern takes it back.',
    save: 'Save',
    cancel: 'Cancel',
  },

  models: {
    lead: 'What new songs are scored with. Scores of different models are never mixed in one list.',
    inUse: 'In use',
    inUseLine: (encoder: string, head: string) => `${encoder}, with the head ${head}`,
    window: (seconds: number) => `the first ${seconds} s of each song`,
    noneInUse: 'None: nothing can be scored just now.',
    provider: 'Runs on',
    providerHint:
      'What ONNX Runtime offers on this machine. How fast and how exact each is can be measured below.',
    unverified: (provider: string) => `${provider}, not verified by us`,
    encoders: 'Encoders',
    heads: 'Heads',
    head: (embeddingSize: number | null, encoderId: string | null) =>
      [
        ...(encoderId === null ? [] : [`for ${encoderId}`]),
        ...(embeddingSize === null ? [] : [`${embeddingSize} wide`]),
      ].join(', '),
    states: {
      'built-in': 'comes with the app',
      installed: 'installed',
      partial: 'partly downloaded',
      'not-installed': 'not here',
      broken: 'cannot be used',
    },
    origins: { 'built-in': '', 'hub-cache': 'shared with other Hugging Face tools', imported: 'imported' },
    use: 'Use',
    using: 'Switching…',
    usedNow: (rescored: number, queued: number) =>
      queued > 0
        ? `${commonStrings.songs(queued)} wait to be scored anew. The list keeps its order until you switch it.`
        : rescored > 0
          ? `${commonStrings.songs(rescored)} were scored anew.`
          : 'New songs are scored with it.',
    noHead: 'No installed head fits this encoder.',
    download: 'Download…',
    import: 'Import from disk…',
    remove: 'Remove…',
    removeQuestion: (bytes: number) =>
      `Remove it from this machine? ${formatBytes(bytes)} become free. Scores that it made stay.`,
    removeShared: 'Other Hugging Face tools on this machine lose it too.',
    removeYes: 'Remove',
    removeNo: 'Keep',
    freed: (bytes: number) => `${formatBytes(bytes)} are free again.`,
    licence: (name: string) => `Licence ${name}`,
  },

  playback: {
    loudness: 'Play all songs equally loud',
    loudnessHint: 'By their measured loudness, and never so loud that they clip.',
    target: 'Loudness',
    targetOf: (lufs: number) => `${lufs} LUFS`.replace('-', '−'),
    targetHint: '−14 is what streaming services use. Lower leaves more room for quiet songs.',
    start: 'Start at',
    starts: {
      beginning: 'The beginning',
      'thirty-seconds': '30 s in',
      'loudest-part': 'The loudest part',
    } satisfies Record<StartPosition, string>,
    startHint: 'Where a song begins when you go to it while culling.',
    advance: 'Go on to the next song after a verdict',
    advanceHint: 'While culling.',
    output: 'Output',
    outputSystem: 'The system’s output',
    outputUnnamed: (index: number) => `Output ${index}`,
    outputNames: 'Show the names of outputs',
    outputNamesHint:
      'The browser asks for the microphone once, since names of devices come with it. Nothing is recorded.',
    outputGone: 'The chosen output is not there just now; the system’s is used.',
  },

  appearance: {
    theme: 'Colours',
    themes: { system: 'Like the system', dark: 'Dark', light: 'Light' },
    zoom: 'Size',
    zoomOf: (factor: number) => `${Math.round(factor * 100)} %`,
    columns: 'Columns of the list',
    columnsHint: 'Brings back the usual columns, order and widths.',
    reset: 'Reset',
    columnsReset: 'The list has its usual columns again.',
  },

  privacy: {
    nothingLeaves: 'Nothing leaves this machine',
    lead: 'Songs, scores, prompts and verdicts stay here. There is no account, no telemetry and no check for updates. The only thing that is ever fetched is a model that you ask for.',
    reached: 'Reached for a download',
    hub: 'Access to the Hub',
    places: 'Folders that the app uses',
    placeNames: {
      libraryFile: 'Library',
      downloadFolder: 'Downloaded models, shared with other Hugging Face tools',
      modelsFolder: 'Imported models',
      cacheFolder: 'What can be made again',
    },
    behaviour: 'In the background',
    startAtLogin: 'Start hidden when I log in',
    startAtLoginHint: 'So that songs of the night are scored in the morning.',
    startAtLoginUnsupported: 'This system does not let the app start by itself.',
    notify: 'Tell me when a batch is done',
    version: (version: string) => `Banger Scorer ${version}`,
  },

  library: {
    where: 'Library',
    stats: {
      songs: 'Songs',
      files: 'Files',
      missingFiles: 'Files out of reach or gone',
      failedFiles: 'Files that could not be scored',
      embeddings: 'Remembered by a model',
      scores: 'Scores',
      sizeBytes: 'Size',
    },
    songs: 'Songs and changes',
    rejects: 'Put rejected songs away…',
    history: 'History…',
    verify: 'Check the library',
    verifyLead: 'Compares it with the disk and with itself. Nothing is changed.',
    verifying: 'Checking…',
    verified: (files: number) => `${number(files)} files were looked up.`,
    allWell: 'All is well.',
    repair: 'Put right what is safe',
    repaired: 'put right',
    findings: {
      damaged: 'The database is damaged. Restore a backup.',
      dangling: 'Rows that refer to nothing',
      'list-outdated': 'Lists or search say something else than the songs',
      ungrouped: 'Songs in no batch',
      vanished: 'Files that are gone',
      returned: 'Files that are there again',
      changed: 'Files that have changed since they were scored; they are scored again when met next',
      unreachable: 'Files on a drive that is not connected',
    } satisfies Record<Finding['kind'], string>,
    examples: 'Such as',
    backups: 'Backups',
    noBackups: 'There is no backup yet.',
    backUp: 'Back up now',
    backedUp: (bytes: number) => `Backed up, ${formatBytes(bytes)}.`,
    automatic: 'before an upgrade',
    restore: 'Restore…',
    restoreQuestion:
      'Put this backup in the place of the library? Verdicts and scores since then are not in it. The library as it is now is kept beside it.',
    restoreYes: 'Restore it',
    restoreNo: 'Leave it',
    restored: 'The backup is in place.',
    restoredKept: (file: string) => `The backup is in place. The library before it: ${file}`,
    health: 'What scoring needs',
    checking: 'Looking…',
    checkAgain: 'Look again',
    statuses: { ok: 'good', warning: 'could be better', problem: 'problem' },
    ago: (seconds: number) => `${roughTime(seconds)} ago`,
  },

  shortcuts: {
    lead: 'Press the keys that you want. Each action can have one key of your own.',
    search: 'Search actions',
    change: (action: string, keys: string) => `Change the key of “${action}”, now ${keys}`,
    press: 'Press a key…',
    pressHint: 'Escape leaves it as it is; Backspace takes the key away.',
    taken: (key: string, action: string) =>
      `${key} belongs to “${action}” here. Choose another key, or change that one first.`,
    shadowed: (action: string) => `Where “${action}” has this key, that one goes first.`,
    reserved: (key: string) => `${key} is needed to move around and to leave.`,
    reset: 'Usual keys',
    resetAll: 'All usual keys',
    none: 'none',
    nothing: 'No action has these words.',
  },
};
