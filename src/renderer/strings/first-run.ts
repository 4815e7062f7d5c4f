/** Words of the first run. */
export const firstRunStrings = {
  title: 'Find the bangers',
  lead: 'Choose the folder your generator writes to. Every new song is scored as it arrives; you listen to the best first.',
  chooseFolder: 'Choose a folder…',
  noDropHere: 'A browser does not tell where a dropped folder lies. Choose it from the list instead.',
  dropHere: 'or drop folders and songs here',
};
