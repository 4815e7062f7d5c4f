/** Words of the first run, the folder picker and the models. */
import { formatBytes } from '../../shared/format-quantities.ts';
import { roughTime } from './rough-time.ts';

export const firstRunStrings = {
  title: 'Find the bangers',
  lead: 'Choose the folder your generator writes to. Every new song is scored as it arrives; you listen to the best first.',
  chooseFolder: 'Choose a folder…',
  taken: (folders: number, songs: number) =>
    [
      folders > 0 && `${folders === 1 ? 'The folder is' : `${folders} folders are`} watched from now on.`,
      songs > 0 && `${songs === 1 ? '1 song is' : `${songs.toLocaleString('en')} songs are`} being scored.`,
    ]
      .filter(Boolean)
      .join(' '),
  notTaken: (paths: readonly string[]) =>
    paths.length === 1
      ? `This is neither a folder nor a song: ${paths[0] ?? ''}`
      : `${paths.length.toLocaleString('en')} of these are neither folders nor songs.`,
  noDropHere: 'A browser does not tell where a dropped folder lies. Choose it from the list instead.',
  dropHere: 'or drop folders and songs here',
  letGo: 'Let go to watch this folder',
  adding: 'Adding the folder…',
  staysHere: 'Everything stays on this machine. Nothing is uploaded.',

  offer: {
    title: 'MERT-v1-330M and the banger head',
    lead: 'Without them, songs get a rough draft score right away. With them, they get the score of the model card. The weights have their own licence; you see it before anything is fetched.',
    download: (bytes: number | null) => (bytes === null ? 'Download…' : `Download ${formatBytes(bytes)}…`),
    resume: 'Go on with the download…',
    alreadyHave: 'Already have them? Import from disk…',
    licence: (name: string) => `Licence: ${name}`,
    installed: 'MERT is installed. Your songs are scored with it.',
    running: (percent: number) => `Downloading, ${percent} %`,
    details: 'Details…',
  },

  picker: {
    title: 'Choose a folder',
    watchLead: 'The folder and everything below it is watched; nothing in it is changed.',
    onlyAllowed: 'Only the folders that the server was started with (--allow) are shown.',
    roots: 'Folders of this machine',
    path: 'Where you are',
    folders: 'Folders',
    noFolders: 'There are no folders in this one.',
    noRoots: 'The server was started without a folder to show. Start it again with --allow and a folder.',
    songsHere: (count: number) =>
      count === 0 ? 'No songs directly in here' : count === 1 ? '1 song in here' : `${count} songs in here`,
    up: 'One folder up',
    watch: 'Watch this folder',
    use: 'Use this folder',
    reading: 'Reading…',
    keys: 'Arrows move, Enter opens, Backspace goes up.',
  },

  models: {
    title: 'Real scores: MERT',
    lead: 'The draft is a rule of thumb. MERT listens to each song, and a small head turns what it hears into a score.',
    otherTitle: 'Download a model',
    otherReady: 'It is here.',
    otherReadyLead: 'The settings say what it can be used with.',
    planning: 'Asking what has to be downloaded…',
    offlineTitle: 'No connection is needed to go on',
    offlineNext:
      'Draft scores keep working. Connect and try again, or import the model from a disk or another machine.',
    tryAgain: 'Try again',
    size: 'Size',
    sizeOf: (remaining: number, total: number) =>
      remaining === 0
        ? 'All here already'
        : remaining < total
          ? `${formatBytes(remaining)} to go of ${formatBytes(total)}`
          : formatBytes(total),
    destination: 'Goes to',
    free: (bytes: number) => `${formatBytes(bytes)} free`,
    notEnoughRoom: (missing: number) =>
      `There is not enough room: ${formatBytes(missing)} more are needed. Make room, or set HF_HOME to another disk.`,
    time: 'Time on this machine',
    timing: 'Measuring…',
    perSong: (seconds: number, songs: number) =>
      songs === 0
        ? `about ${roughTime(seconds)} a song`
        : `about ${roughTime(seconds)} a song; your ${songs.toLocaleString('en')} songs take about ${roughTime(seconds * songs)}`,
    licence: 'Licence',
    readLicence: 'Read the licence',
    modelCard: 'Model card',
    otherLicence: (name: string) => `The model card states ${name} today; read it before you go on.`,
    accept: 'I have read the licence and accept it',
    acceptAll: (names: string) => `I have read and accept the licence of ${names}`,
    download: (bytes: number) => `Download ${formatBytes(bytes)}`,
    later: 'Not now',
    progress: (received: number, total: number) => `${formatBytes(received)} of ${formatBytes(total)}`,
    speed: (bytesPerSecond: number) => `${formatBytes(bytesPerSecond)}/s`,
    timeLeft: (seconds: number) => `${roughTime(seconds)} left`,
    downloading: 'Downloading',
    paused: 'Paused. What has arrived is kept.',
    pause: 'Pause',
    resume: 'Go on',
    keepsGoing: 'You can close this; it goes on in the background.',
    ready: 'Both models are here.',
    use: 'Score your songs with MERT',
    useLead:
      'New songs are scored first, then the ones you have. Your list keeps its draft order until you switch it.',
    inUse: 'MERT scores your songs now.',
    inUseLead: (queued: number) =>
      queued === 0
        ? 'All songs have their scores.'
        : `${queued.toLocaleString('en')} songs are on their way. The list says when their scores can be shown.`,
    hide: 'Don’t offer this again',

    access: 'Access to the Hub',
    accessNone: 'No token. Public models need none.',
    accessEnvironment: 'A token from your environment (HF_TOKEN or the Hub’s own file) is used.',
    accessApp: 'The token that you gave is used.',
    accessOffline:
      'HF_HUB_OFFLINE is set: nothing is downloaded. Unset it and start again, or import from disk.',
    gated: 'This model wants a token of an account that has accepted its terms.',
    token: 'Hugging Face token',
    tokenKept: 'Kept on this machine, encrypted by the system, and sent to the Hub alone.',
    tokenNotKept: 'Used until the app ends, never written down, and sent to the Hub alone.',
    useToken: 'Use token',
    forgetToken: 'Forget token',

    importTitle: 'Import from disk',
    importLead:
      'An encoder is a folder with config.json, preprocessor_config.json and model.safetensors or pytorch_model.bin. A head is a file such as scorer_model.pt.',
    kind: 'What',
    encoder: 'Encoder folder',
    head: 'Head file',
    path: 'Path',
    pathHintFile: 'The whole path of the file on the machine that the app runs on.',
    choose: 'Choose…',
    copies: 'Copy it into the app’s own folder',
    copiesHint: 'Otherwise it is used where it is, and must stay there.',
    trainedOn: 'Trained on',
    import: 'Import',
    importing: 'Reading and checking the model…',
    imported: (title: string) => `Imported: ${title}`,
    back: 'Back',
  },
};
