/** Where the parts of the app lie, from source, built and packed alike. */
import { join } from 'node:path';

/** The bundled shell is `out/main/index.cjs`. */
const root = join(import.meta.dirname, '..', '..');

export const appPaths = {
  root,
  preload: join(root, 'out', 'preload', 'index.cjs'),
  page: join(root, 'out', 'renderer'),
  engineProcess: join(root, 'dist', 'engine', 'engine-process.js'),
  inferenceProcess: join(root, 'dist', 'engine', 'inference', 'inference-process.js'),
  /** Pictures of the app: icon, tray, what is dragged. */
  picture: (name: string) => join(root, 'resources', name),
};
