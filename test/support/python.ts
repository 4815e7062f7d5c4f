/** A Python with the packages that some checks compare against; needed for these tests only, never by the product. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const python = process.env['BANGER_TEST_PYTHON'] ?? 'python3';

/**
 * Whether tests that need a Python package can run. Where continuous integration lacks it, that is an error: a
 * skipped check would hide a gap.
 *
 * @param packageName as it is imported, such as `onnx`
 */
export function hasPythonPackage(packageName: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${packageName}`], { stdio: 'ignore' });
    return true;
  } catch (cause) {
    if (!process.env['CI']) return false;
    throw new Error(
      `BANGER_TEST_PYTHON must name a Python with ${packageName} (pip install ${packageName})`,
      {
        cause,
      },
    );
  }
}

/** Runs a piece of Python and returns what it prints. */
export async function runPython(code: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(python, ['-c', code, ...args]);
  return stdout;
}
