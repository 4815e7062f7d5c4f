/** Words of the window's part “inspector”. */
export const inspectorStrings = {};
