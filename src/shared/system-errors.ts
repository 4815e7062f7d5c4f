/** What the codes of the operating system's errors say. */

/** The system's code of a thrown value (`ENOENT`, `ENOSPC`, …), undefined when it has none. */
export function systemErrorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** Whether a thrown value says that a file or a folder on its path does not exist. */
export function isMissingFile(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(thrown) ?? '');
}
