/** Asks for folders and files by the system's own dialogs, and names files in folders that were chosen. */
import { joinPath, splitFilePath } from '../../shared/file-path.ts';
import type { AppClient } from '../client/app-client.svelte.ts';

/** @returns null where the dialog was closed */
export async function chooseFolder(client: AppClient, title: string): Promise<string | null> {
  const [folder] = await client.shell('choose-folders', { title, isMultiple: false });
  return folder ?? null;
}

/** @returns null where the dialog was closed */
export function chooseCsvFile(client: AppClient): Promise<string | null> {
  return client.shell('choose-table', {});
}

/** A file in another folder, under the name that it has. @param usualName where it has none */
export function fileIn(folder: string, file: string, usualName: string): string {
  const { base, extension } = splitFilePath(file.trim());
  return joinPath(folder, base === '' ? usualName : `${base}${extension}`);
}
