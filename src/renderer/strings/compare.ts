/** Words of the window's part “compare”. */
export const compareStrings = {};
