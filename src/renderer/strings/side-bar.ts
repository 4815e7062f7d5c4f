/** Words of the side bar. */
export const sideBarStrings = {};
