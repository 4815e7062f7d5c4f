/** Which execution providers the installed ONNX Runtime has; lives in the inference process only. */
import { existsSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { providerLibraryFile } from './runtime-package.ts';

/** Providers that are built in, and those of which the library was fetched, such as CUDA's. */
export function supportedProviders(): string[] {
  return ort
    .listSupportedBackends()
    .filter(({ name, bundled }) => bundled || hasLibrary(name))
    .map(({ name }) => name);
}

function hasLibrary(provider: string): boolean {
  const file = providerLibraryFile(provider);
  return file !== null && existsSync(file);
}
