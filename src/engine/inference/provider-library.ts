/** Where the libraries of execution providers lie that ONNX Runtime's package does not carry. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The ONNX Runtime package's folder, found without loading it. */
export function runtimeFolder(): string {
  return dirname(createRequire(import.meta.filename).resolve('onnxruntime-node/package.json'));
}

/** The file that makes a provider usable that is not built in; null where there is no such file for this system. */
export function providerLibraryFile(provider: string): string | null {
  // TensorRT's comes with it, but builds an engine for minutes at every start: it is not offered.
  if (provider !== 'cuda' || process.platform !== 'linux' || process.arch !== 'x64') return null;
  return join(runtimeFolder(), 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so');
}
