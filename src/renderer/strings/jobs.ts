/** Words about the work in the background. */
export const jobStrings = {};
