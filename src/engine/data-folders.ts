/** Where the product keeps what is its own: library, imported models, caches. */
import { join } from 'node:path';
import envPaths from 'env-paths';
import { defaultLibraryFile } from './library/default-location.ts';

export interface DataFolders {
  libraryFile: string;
  /** Imported models. */
  modelsFolder: string;
  /** What can be made again: fingerprints, converted weights. */
  cacheFolder: string;
}

/** The platform's folders for this person. Nothing is created. */
export function defaultDataFolders(): DataFolders {
  const { data, cache } = envPaths('banger-scorer', { suffix: '' });
  return { libraryFile: defaultLibraryFile(), modelsFolder: join(data, 'models'), cacheFolder: cache };
}
