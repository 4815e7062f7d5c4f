/** Words of the window's part “settings”. */
export const settingsStrings = {};
