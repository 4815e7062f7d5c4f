/** The system's trash, by the `trash` package: the desktop's on Linux, Finder's on macOS, the Recycle Bin on Windows. */
import trash from 'trash';
import type { MoveToTrash } from './trash-rejects.ts';

/** Puts files into the trash. Names are taken as they are: a star in one is no pattern. */
export const moveToSystemTrash: MoveToTrash = (paths) => trash([...paths], { glob: false });
