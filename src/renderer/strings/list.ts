/** Words of the window's part “list”. */
export const listStrings = {};
