/** What the exit codes of `banger` mean. */
export const exitCodes = {
  success: 0,
  /** Nothing could be done. */
  failure: 1,
  /** The command line is not valid. */
  usage: 2,
  /** Some files failed, others did not. */
  partial: 3,
  /** Ended by Ctrl-C; 128 + SIGINT, as shells report it. */
  interrupted: 130,
} as const;
