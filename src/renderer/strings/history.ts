/** Words about changes and their way back. */
export const historyStrings = {
  nothingToUndo: 'There is nothing to undo.',
  nothingToRedo: 'There is nothing to do again.',
  undone: (label: string) => `Taken back: ${label}`,
  redone: (label: string) => `Done again: ${label}`,

  title: 'History',
  lead: 'What was changed, newest first. Undo works after a restart too.',
  undo: 'Undo',
  redo: 'Redo',
  undoThis: (label: string) => `Undo: ${label}`,
  redoThis: (label: string) => `Redo: ${label}`,
  isUndone: 'undone',
  cannotUndo: 'cannot be undone',
  next: 'next to undo',
  empty: 'Nothing was changed yet.',
  reading: 'Reading…',
  more: 'Show older ones',
};
