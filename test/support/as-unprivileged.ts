/** Runs a part of a test without the rights of root, who may read and change every file. */

const nobody = 65_534;

/** Runs `act` as nobody where the tests run as root, and as it is otherwise. */
export async function asUnprivileged<Result>(act: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(nobody);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}
