/** Words about changes and their way back. */
export const historyStrings = {
  nothingToUndo: 'There is nothing to undo.',
  nothingToRedo: 'There is nothing to do again.',
  undone: (label: string) => `Taken back: ${label}`,
  redone: (label: string) => `Done again: ${label}`,
};
