/** Words of the window's part “shortcuts”. */
export const shortcutStrings = {};
