/** The system's dialogs for choosing files and folders, over the window. */
import { basename, extname } from 'node:path';
import {
  dialog,
  type BrowserWindow,
  type FileFilter,
  type OpenDialogOptions,
  type SaveDialogOptions,
} from 'electron';
import { texts } from './texts.ts';

export interface FileDialogs {
  chooseFolders(title: string, isMultiple: boolean): Promise<string[]>;
  chooseModel(kind: 'encoder' | 'head'): Promise<string | null>;
  chooseTable(): Promise<string | null>;
  chooseSaveFile(suggestedName: string, extension: string): Promise<string | null>;
}

/** @param currentWindow what the dialogs belong to */
export function createFileDialogs(currentWindow: () => BrowserWindow | null): FileDialogs {
  const open = async (options: OpenDialogOptions): Promise<string[]> => {
    const window = currentWindow();
    const answer = await (window === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(window, options));
    return answer.canceled ? [] : answer.filePaths;
  };
  return {
    chooseFolders: (title, isMultiple) =>
      open({
        title,
        message: title,
        properties: ['openDirectory', 'createDirectory', ...(isMultiple ? ['multiSelections' as const] : [])],
      }),
    chooseModel: async (kind) => {
      const [path] =
        kind === 'encoder'
          ? await open({ title: texts.dialogs.chooseEncoder, properties: ['openDirectory'] })
          : await open({ title: texts.dialogs.chooseHead, properties: ['openFile'], filters: headFilters });
      return path ?? null;
    },
    chooseTable: async () => {
      const [path] = await open({
        title: texts.dialogs.chooseTable,
        properties: ['openFile'],
        filters: tableFilters,
      });
      return path ?? null;
    },
    chooseSaveFile: async (suggestedName, extension) => {
      const options: SaveDialogOptions = {
        // A name, never a way to another folder.
        defaultPath: basename(suggestedName),
        filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
        properties: ['createDirectory', 'showOverwriteConfirmation'],
      };
      const window = currentWindow();
      const { canceled, filePath } = await (window === null
        ? dialog.showSaveDialog(options)
        : dialog.showSaveDialog(window, options));
      if (canceled || filePath === '') return null;
      // Linux's dialog does not add what the filter says.
      return extname(filePath) === '' ? `${filePath}.${extension}` : filePath;
    },
  };
}

const tableFilters: FileFilter[] = [
  { name: texts.dialogs.tableFiles, extensions: ['csv', 'tsv', 'txt'] },
  { name: texts.dialogs.allFiles, extensions: ['*'] },
];

const headFilters: FileFilter[] = [
  { name: texts.dialogs.headFiles, extensions: ['pt', 'pth', 'bin', 'safetensors'] },
  { name: texts.dialogs.allFiles, extensions: ['*'] },
];
