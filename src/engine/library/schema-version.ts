/** What marks a SQLite file as a library, and of which version. */

/** SQLite's `application_id` of every library: the letters `BANG`. */
export const libraryApplicationId = 0x42_41_4e_47;

/** SQLite's `user_version` of a library that this version of the product writes. */
export const schemaVersion = 1;
