/** Says how to get the CUDA library that npm's package lacks, where an NVIDIA card is there to use it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nvidiaVersionFile } from './graphics-drivers.ts';
import { providerLibraryFile, runtimeFolder } from './inference/runtime-package.ts';

/** What NVIDIA's driver leaves on Linux, and on Linux inside Windows. */
const nvidiaTraces = [nvidiaVersionFile, '/dev/nvidiactl', '/usr/lib/wsl/lib/libcuda.so.1'];

/** Null where there is no such card, no such library for this system, or the library is there. */
export function cudaHint(traces: readonly string[] = nvidiaTraces): string | null {
  const library = providerLibraryFile('cuda');
  if (library === null || existsSync(library) || !traces.some((path) => existsSync(path))) return null;
  const script = join(runtimeFolder(), 'script', 'install.js');
  return `An NVIDIA card is here, and ONNX Runtime’s library for it is not. Run “node ${script} --onnxruntime-node-install=cuda12” to fetch it; it also needs CUDA 12 and cuDNN 9.`;
}
