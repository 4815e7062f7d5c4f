/** Words of the window's part “cull”. */
export const cullStrings = {};
