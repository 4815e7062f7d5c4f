/** Words of export and of what becomes of rejected songs. */
import type { PlaylistFormat } from '../../shared/export-entry.ts';
import type { FileOutcome } from '../../shared/file-export.ts';
import { formatBytes } from '../../shared/format-quantities.ts';
import type { LeftAlone } from '../../shared/reject-plan.ts';
import type { Grouping, LeftOut } from '../../shared/song-selection.ts';
import { commonStrings } from './common.ts';

const files = (count: number) => (count === 1 ? '1 file' : `${count.toLocaleString('en')} files`);

export const exportStrings = {
  title: 'Export',
  from: (count: number, isFiltered: boolean) =>
    isFiltered
      ? `From the ${commonStrings.songs(count)} that your filter lets through`
      : `From all ${commonStrings.songs(count)}`,

  which: 'Which songs',
  scopes: {
    count: { before: 'The best', after: 'songs', field: 'How many songs' },
    percent: { before: 'The best', after: '%', field: 'How many percent' },
    overScore: { before: 'Everything from', after: 'upwards', field: 'Lowest score' },
    perGroup: { before: 'The best', after: 'of each', field: 'How many of each group', group: 'Group' },
    kept: 'What I kept',
    selection: (count: number) =>
      count === 0 ? 'The selection (nothing is selected)' : `The selection: ${commonStrings.songs(count)}`,
  },
  groupings: { folder: 'folder', genre: 'genre', prompt: 'prompt', batch: 'batch' } satisfies Record<
    Grouping,
    string
  >,
  needsCount: 'Type a whole number, 1 or more.',
  needsPercent: 'Type a number over 0, up to 100.',
  needsScore: 'Type a score from 0 to 10.',
  needsSelection: 'Select songs in the list first.',
  difference: 'How different',
  differenceOf: (share: number) => (share === 0 ? 'not asked for' : share.toFixed(2)),
  differenceHint:
    'Leaves out songs that sound too much like a better one. 0.1 drops near copies; 1 asks for songs as different as any two of yours.',
  includesRejected: 'Rejected songs too',
  includesUnscored: 'Songs without a score too, at the end',

  how: 'Written as',
  playlist: 'Playlist',
  format: 'Format',
  formats: { m3u8: 'M3U8', xspf: 'XSPF', pls: 'PLS', csv: 'CSV', json: 'JSON' } satisfies Record<
    PlaylistFormat,
    string
  >,
  formatHints: {
    m3u8: 'For nearly every player.',
    xspf: 'For VLC and others, with titles in full.',
    pls: 'For older players and radios.',
    csv: 'For spreadsheets: scores, verdicts and prompts in columns.',
    json: 'For programs: everything that is known about each song.',
  } satisfies Record<PlaylistFormat, string>,
  paths: 'Songs named',
  pathStyles: { relative: 'From its folder', absolute: 'By whole paths' },
  pathHints: {
    relative: 'Goes on working when playlist and songs are moved together.',
    absolute: 'Goes on working when the playlist alone is moved.',
  },
  playlistFile: 'Playlist file',
  needsFile: 'Give a whole path with a name, or choose one.',
  files: 'Song files',
  fileModes: { none: 'Leave', copy: 'Copy', link: 'Link', move: 'Move' },
  fileHints: {
    none: 'Songs stay where they are.',
    copy: 'Songs and what lies beside them are copied.',
    link: 'A second name for the same file where both lie on one disk, which takes no room; a copy elsewhere.',
    move: 'Songs and what lies beside them are moved. Undo brings them back.',
  },
  filesFolder: 'Folder',
  needsFolder: 'Give a whole path, or choose a folder.',
  choose: 'Choose…',
  choosePlaylist: 'Where the playlist goes',
  chooseFiles: 'Where the songs go',
  useFolder: 'Use this folder',
  pattern: 'Names',
  patternFields: (fields: readonly string[]) =>
    `Fields: ${fields.map((field) => `{${field}}`).join(' ')}. Numbers also as {rank:03} or {score:.1}.`,
  examples: 'For example',
  nothingWritten: 'Choose a playlist, files, or both.',

  preview: 'Will be taken',
  counting: 'Choosing…',
  nothing: 'No song fits.',
  noScores: 'No song has a score yet.',
  more: (count: number) => `and ${commonStrings.songs(count)} more`,
  leftOut: (parts: readonly string[]) => `Left out: ${parts.join(', ')}.`,
  leftOutReasons: {
    missing: (count) => `${count} not there any more`,
    rejected: (count) => `${count} rejected`,
    unscored: (count) => `${count} without a score`,
    'below-score': (count) => `${count} below the score`,
    'too-similar': (count) => `${count} too much like a better one`,
    'beyond-quota': (count) => `${count} beyond what was asked for`,
  } satisfies Record<LeftOut['reason'], (count: string) => string>,
  rankedBy: (encoder: string, head: string, precision: string) =>
    `Ranked by ${encoder}, ${head}, ${precision}.`,
  rankedByDraft: 'Ranked by draft scores, a rough first order.',
  export: (count: number) => `Export ${commonStrings.songs(count)}`,
  exportNothing: 'Export',
  cancel: 'Stop',

  running: 'Exporting',
  progress: (done: number, total: number, doneBytes: number, totalBytes: number) =>
    `${done.toLocaleString('en')} of ${files(total)} · ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
  writing: 'Writing…',
  exists: 'Another file stands there already',
  existsQuestion: 'It was not made by this app and is left as it is unless you say otherwise.',
  replace: 'Replace it',
  otherName: 'Choose another name',

  done: 'Exported',
  partlyDone: 'Exported, with gaps',
  failed: 'The export stopped',
  stopped: 'Stopped. What is there already stays; the same export goes on from there.',
  playlistWritten: (count: number) => `Playlist of ${commonStrings.songs(count)}`,
  filesWritten: (count: number) => `${commonStrings.songs(count)} in the folder`,
  outcomes: {
    copied: (count) => `${count} copied`,
    linked: (count) => `${count} linked`,
    moved: (count) => `${count} moved`,
    'already-there': (count) => `${count} there already`,
    left: (count) => `${count} left beside other songs`,
    failed: (count) => `${count} failed`,
  } satisfies Record<FileOutcome, (count: string) => string>,
  problems: 'What did not work',
  missingSongs: (count: number) =>
    count === 1
      ? 'One song’s file is not there any more.'
      : `The files of ${count} songs are not there any more.`,
  skippedPath: 'No playlist can name this song: its path is no text.',
  showInFolder: 'Show in folder',
  copyPath: 'Copy path',
  copied: 'Copied',
  undoMove: 'Undo the move',
  takenBack: 'The move was undone; the songs are where they were.',
  playlistOutdated:
    'The playlist still names the places that they were moved to; export again for one that fits.',
  again: 'Export again',
  goOn: 'Go on',
  back: 'Back',
  playlistNamesOriginals: 'The playlist names the songs where they lie in your library.',

  rejects: {
    title: 'Put rejected songs away',
    lead: 'Nothing is deleted: files go to the trash or into a folder, and can come back.',
    reading: 'Looking at the files of rejected songs…',
    none: 'No rejected song has a file to put away.',
    summary: (songs: number, fileCount: number, bytes: number) =>
      `${commonStrings.songs(songs)} · ${files(fileCount)} · ${formatBytes(bytes)}`,
    where: 'Where to',
    destinations: { trash: 'The trash', 'rejected-folder': 'A folder “_rejected”' },
    destinationHints: {
      trash: 'The system’s own trash, from which it can also be brought back by hand.',
      'rejected-folder': 'Beside each file, for drives without a trash. Songs in there are passed over.',
    },
    files: 'These files go',
    sidecar: 'beside it',
    leftAlone: (count: number) =>
      count === 1 ? 'One file stays' : `${count.toLocaleString('en')} files stay`,
    include: 'Put away too',
    reasons: {
      exported: 'An export made it.',
      copy: 'It is another copy of the same song.',
      shared: 'Another song may need it.',
      changed: 'It is not the file that was scored any more.',
      'set-aside': 'It lies in a “_rejected” folder already.',
    } satisfies Record<LeftAlone['reason'], string>,
    go: (fileCount: number) => `Put ${files(fileCount)} away`,
    running: 'Putting files away',
    progress: (done: number, total: number) => `${done.toLocaleString('en')} of ${files(total)}`,
    outdated: 'The files have changed since the list was made; it is made anew. Look through it again.',
    done: (count: number) => `${files(count)} put away`,
    someFailed: (count: number) => `${files(count)} could not be put away`,
    undo: 'Bring them back',
    undone: 'The files are back.',
    notUndoable: 'The system’s own trash can bring them back.',
    goneTo: 'Now in',
  },
};
