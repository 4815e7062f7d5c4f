/** Words of the window's part “export”. */
export const exportStrings = {};
