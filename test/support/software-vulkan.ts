/** A graphics card in software: SwiftShader, which comes with Debian's Chromium, for tests of the WebGPU provider. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const driverFile = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Whether the WebGPU provider can be run here; from then on every process that this one starts runs it in software.
 * Where continuous integration lacks the driver, that is an error: a skipped check would hide a gap.
 */
export function useSoftwareVulkan(): boolean {
  const isHere = process.platform === 'linux' && process.arch === 'x64' && existsSync(driverFile);
  if (!isHere) {
    if (process.env['CI']) throw new Error(`${driverFile} is missing (apt-get install chromium)`);
    return false;
  }
  process.env['VK_ICD_FILENAMES'] = driverFile;
  process.env['XDG_RUNTIME_DIR'] ??= tmpdir();
  return true;
}
