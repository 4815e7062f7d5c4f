/** Runs parts of tests without the rights of root, who may read and change every file. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** An account without rights, which even root's tests can be refused by. */
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

/** How Node is started for a test. */
export interface NodeLaunch {
  /** The program, and what stands before the script. */
  program: string;
  leading: string[];
  /** The account that it runs as. */
  account: { uid?: number; gid?: number };
}

/** Node as it runs here. */
export const ordinaryNode: NodeLaunch = { program: process.execPath, leading: [], account: {} };

/**
 * Node without the right to read and write everything: as nobody, or, where a checkout below a closed folder is
 * itself out of nobody's reach, as root without the two capabilities that give root that right.
 */
export function unprivilegedNode(): NodeLaunch {
  if (process.getuid?.() !== 0) return ordinaryNode;
  if (isOpenToAll(import.meta.dirname) && isOpenToAll(process.execPath)) {
    return { ...ordinaryNode, account: { uid: nobody, gid: nobody } };
  }
  return {
    program: 'setpriv',
    leading: ['--bounding-set=-dac_override,-dac_read_search', '--', process.execPath],
    account: {},
  };
}

/** Whether everybody may read a file or folder and enter all folders above it. */
function isOpenToAll(path: string): boolean {
  if ((statSync(path).mode & 0o5) !== 0o5) return false;
  return dirname(path) === path || isOpenToAll(dirname(path));
}
