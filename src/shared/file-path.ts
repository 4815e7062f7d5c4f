/** Takes paths apart as text, for places that have no file system at hand: the page, and functions both sides share. */

export interface FilePathParts {
  /** The folder without its closing slash, except at a root; empty for a bare name. */
  folder: string;
  /** The name without its extension. */
  base: string;
  /** With its dot; empty where there is none. */
  extension: string;
}

/** Whether a path is of the kind that begins with a slash; only Windows divides names by backslashes too. */
function isWindowsPath(path: string): boolean {
  return /^[a-z]:|^\\\\/i.test(path);
}

/** The parts of a path, as Node's own functions would tell them on the machine that the path is of. */
export function splitFilePath(path: string): FilePathParts {
  const at = isWindowsPath(path)
    ? Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
    : path.lastIndexOf('/');
  const name = path.slice(at + 1);
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0;
  return {
    folder: at < 0 ? '' : at === 0 ? '/' : path.slice(0, at),
    base: hasExtension ? name.slice(0, dot) : name,
    extension: hasExtension ? name.slice(dot) : '',
  };
}

/** A path below a folder, with the folder's own kind of slash. */
export function joinPath(folder: string, name: string): string {
  const slash = isWindowsPath(folder) ? '\\' : '/';
  return /[/\\]$/.test(folder) ? folder + name : folder + slash + name;
}
