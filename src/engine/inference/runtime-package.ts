/** What ONNX Runtime's package says and holds, without loading it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The package's folder. */
export function runtimeFolder(): string {
  return dirname(createRequire(import.meta.filename).resolve('onnxruntime-node/package.json'));
}

/** Version of the installed ONNX Runtime. */
export function runtimeVersion(): string {
  const packageFile = join(runtimeFolder(), 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
}

/** The file that makes a provider usable that is not built in; null where there is no such file for this system. */
export function providerLibraryFile(provider: string): string | null {
  // TensorRT's comes with it, but builds an engine for minutes at every start: it is not offered.
  if (provider !== 'cuda' || process.platform !== 'linux' || process.arch !== 'x64') return null;
  return join(runtimeFolder(), 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so');
}
