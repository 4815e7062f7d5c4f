/** Hands the page its message ports. */
export {};
