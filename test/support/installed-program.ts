/** Programs that some tests compare with, such as a real music player. */
import { execFileSync } from 'node:child_process';

/**
 * Whether a program is installed. On a developer's machine tests that need it are skipped, by name; where `CI` is set
 * it must be there, so that nobody takes skipped tests for passed ones.
 *
 * @param remedy how to install it
 */
export function hasProgram(name: string, versionOption: string, remedy: string): boolean {
  try {
    execFileSync(name, [versionOption], { stdio: 'ignore' });
    return true;
  } catch (cause) {
    if (process.env['CI']) throw new Error(`These tests need ${name} (${remedy}).`, { cause });
    process.stderr.write(`Skipping tests with ${name}: it is not installed (${remedy}).\n`);
    return false;
  }
}
