/** Does something whenever Enter is pressed in the terminal that a command runs in. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Listens until `end` is called, or for nothing where nobody can type. */
export function onEnter(action: () => void): { end(): void } {
  if (isInBackground()) return { end: () => undefined };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', action);
  // Whether the input ends or fails: what the command does goes on.
  process.stdin.on('error', () => undefined);
  return {
    end: () => {
      lines.close();
      process.stdin.destroy();
    },
  };
}

/** Whether the shell put the command aside: reading from the terminal would stop it. Known on Linux alone. */
function isInBackground(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    // After the name in parentheses: state, parent, process group, session, terminal, the terminal's process group.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[2] !== fields[5];
  } catch {
    return false;
  }
}
