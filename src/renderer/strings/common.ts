/** Words that stand in many places. */
export const commonStrings = {
  product: 'Banger',
  close: 'Close',
  cancel: 'Cancel',
  done: 'Done',
  dismiss: 'Dismiss',
  undo: 'Undo',
  draft: 'draft',
  connecting: 'Starting…',
  lost: 'The engine stopped and is being started again. Nothing is lost.',
  failed: 'The engine keeps stopping.',
  restart: 'Start it again',
  songs: (count: number) => (count === 1 ? '1 song' : `${count.toLocaleString('en')} songs`),
};
