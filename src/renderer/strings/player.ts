/** Words of the player. */
export const playerStrings = {
  unplayable: 'This file cannot be played.',
  deviceGone: 'That audio output is not there any more; the system’s is used.',
};
