/** The models on this machine: what is known, what is installed and where, how to add, find and remove them. */
import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { ModelListing } from '../../shared/model-commands.ts';
import { catalogue, findCatalogueEntry, type CatalogueEntry } from './catalogue.ts';
import { findWeightsFiles, recogniseEncoder } from './encoder-folder.ts';
import { unlessMissing } from './file-system-errors.ts';
import { readHeadCard } from './head-card-file.ts';
import { findCachedModel, repositoryFolders } from './hub-cache.ts';
import type { HubSettings } from './hub-settings.ts';
import { importModel, recogniseHead, type ImportOptions, type ModelChecks } from './model-import.ts';
import { deriveModelId, isModelId, looksLikePath } from './model-ids.ts';
import { findProblem, listBroken, listCatalogued, listImported, locateImported } from './model-listing.ts';
import { readManifest, type ModelManifest } from './model-manifest.ts';
import { removeModelFolders, type RemovedModel } from './model-removal.ts';

export type ResolvedEncoder =
  | { source: 'built-in'; id: string }
  /** `weightsFiles` are absolute, the best first, and may be links into the Hugging Face cache. */
  | { source: 'folder'; id: string; folder: string; weightsFiles: string[] };

export type ResolvedHead =
  | { source: 'built-in'; id: string; encoderId: string }
  /** `encoderId` is the encoder it was trained on, null when nobody said. */
  | { source: 'file'; id: string; file: string; encoderId: string | null };

export interface ModelStoreOptions {
  /** The product's own folder for imported models; created when needed. */
  modelsFolder: string;
  settings: Pick<HubSettings, 'cacheFolder'>;
  checks: ModelChecks;
}

/**
 * A view of the disk: it keeps nothing in memory, so several processes may use the same folders. Each imported model
 * is a folder of its own, named by its id, that appears and disappears in one step. An imported model hides one of the
 * same id in the Hugging Face cache.
 */
export class ModelStore {
  readonly #modelsFolder: string;
  readonly #cacheFolder: string;
  readonly #checks: ModelChecks;

  constructor(options: ModelStoreOptions) {
    this.#modelsFolder = path.resolve(options.modelsFolder);
    this.#cacheFolder = options.settings.cacheFolder;
    this.#checks = options.checks;
  }

  /** Every model of the catalogue and every imported one; encoders first, then heads. */
  async listModels(): Promise<ModelListing[]> {
    const imported = await this.#listImports();
    const isHidden = (entry: CatalogueEntry): boolean =>
      imported.some(({ kind, id }) => kind === entry.kind && id === entry.id);
    const known = await Promise.all(
      catalogue.filter((entry) => !isHidden(entry)).map((entry) => listCatalogued(entry, this.#cacheFolder)),
    );
    const all = [...known, ...imported];
    return [...all.filter(({ kind }) => kind === 'encoder'), ...all.filter(({ kind }) => kind === 'head')];
  }

  /**
   * Imports an encoder's folder or a head's file from disk.
   *
   * @throws BangerError as `importModel` of model-import.ts
   */
  async importModel(source: string, options: ImportOptions = {}): Promise<ModelListing> {
    const manifest = await importModel(source, this.#modelsFolder, this.#checks, options);
    return listImported(manifest, this.#modelsFolder);
  }

  /**
   * Removes a model. An imported one loses what the product placed; the original stays. One that lies in the Hugging
   * Face cache is shared with other programs and goes only with `includeSharedCache`.
   *
   * @throws BangerError `model-missing` when it is not here, `usage` when it is built in or the flag is needed,
   * `file-unreadable` when the system refuses
   */
  async removeModel(id: string, options: { includeSharedCache?: boolean } = {}): Promise<RemovedModel> {
    if (isModelId(id)) {
      const folder = path.join(this.#modelsFolder, id);
      if ((await unlessMissing(lstat(folder))) !== undefined) return removeModelFolders(id, [folder]);
    }
    const entries = catalogue.filter((entry) => entry.id === id);
    if (entries.some((entry) => entry.source === null)) {
      throw new BangerError('usage', `The model “${id}” is built in and cannot be removed.`);
    }
    const repository = entries[0]?.source?.repository;
    const folders = repository === undefined ? undefined : repositoryFolders(this.#cacheFolder, repository);
    if (folders === undefined || (await unlessMissing(stat(folders.root))) === undefined) {
      throw new BangerError('model-missing', `There is no model “${id}” on this machine.`, {
        nextStep: 'Run “banger models list” to see what there is.',
      });
    }
    if (options.includeSharedCache !== true) {
      throw new BangerError('usage', `“${id}” lies in the Hugging Face cache, which other programs share.`, {
        file: folders.root,
        nextStep: `To delete it for all of them, run “banger models remove ${id} --shared-cache”.`,
      });
    }
    return removeModelFolders(id, [folders.root, folders.locks]);
  }

  /**
   * Finds an encoder by its id, or by the path of a folder in the Hugging Face form. Ids go before folders of the same
   * name in the current folder; write `./name` for those.
   *
   * @throws BangerError `model-missing` with the way to get it, `checkpoint-corrupt` when its note is damaged
   */
  async resolveEncoder(idOrFolder: string): Promise<ResolvedEncoder> {
    if (!looksLikePath(idOrFolder)) {
      const manifest = await this.#findImport(idOrFolder, 'encoder');
      if (manifest !== undefined) {
        return describeEncoder(manifest.id, locateImported(manifest, this.#modelsFolder));
      }
      const entry = findCatalogueEntry('encoder', idOrFolder);
      if (entry?.source === null) return { source: 'built-in', id: entry.id };
      if (entry !== undefined) return describeEncoder(entry.id, (await this.#findCached(entry)).folder);
    }
    const folder = path.resolve(idOrFolder);
    if ((await unlessMissing(stat(folder)))?.isDirectory() !== true) {
      throw await this.#unknownError('encoder', idOrFolder);
    }
    return describeEncoder((await recogniseEncoder(folder)) ?? deriveModelId(folder), folder);
  }

  /**
   * Finds a head by its id, or by the path of its file; ids go first, as with encoders.
   *
   * @throws BangerError `model-missing` with the way to get it, `checkpoint-corrupt` when its note is damaged
   */
  async resolveHead(idOrFile: string): Promise<ResolvedHead> {
    if (!looksLikePath(idOrFile)) {
      const manifest = await this.#findImport(idOrFile, 'head');
      if (manifest !== undefined) {
        const file = locateImported(manifest, this.#modelsFolder);
        return { source: 'file', id: manifest.id, file, encoderId: manifest.encoderId };
      }
      const entry = findCatalogueEntry('head', idOrFile);
      if (entry?.source === null) return { source: 'built-in', id: entry.id, encoderId: entry.encoderId };
      if (entry !== undefined) {
        const { folder, files } = await this.#findCached(entry);
        return {
          source: 'file',
          id: entry.id,
          file: path.join(folder, files[0] ?? ''),
          encoderId: entry.encoderId,
        };
      }
    }
    const file = path.resolve(idOrFile);
    if ((await unlessMissing(stat(file)))?.isFile() !== true)
      throw await this.#unknownError('head', idOrFile);
    const known = recogniseHead(file, null);
    return {
      source: 'file',
      id: known?.id ?? deriveModelId(file),
      file,
      encoderId: known?.encoderId ?? (await readHeadCard(file))?.encoder.id ?? null,
    };
  }

  async #findImport(id: string, kind: 'encoder' | 'head'): Promise<ModelManifest | undefined> {
    if (!isModelId(id)) return undefined;
    const manifest = await readManifest(path.join(this.#modelsFolder, id));
    if (manifest?.kind !== kind) return undefined;
    const problem = await findProblem(manifest, this.#modelsFolder);
    if (problem !== null) throw problem;
    return manifest;
  }

  async #findCached(entry: CatalogueEntry): Promise<{ folder: string; files: string[] }> {
    const cached = entry.source === null ? null : await findCachedModel(this.#cacheFolder, entry.source);
    if (cached?.state === 'complete') return cached;
    const what = cached?.state === 'partial' ? 'is only partly downloaded' : 'is not installed';
    throw new BangerError('model-missing', `The ${entry.kind} “${entry.id}” ${what}.`, {
      nextStep: `Run “banger models pull ${entry.id}”, or “banger models import” if you have its files.`,
    });
  }

  async #listImports(): Promise<ModelListing[]> {
    const names = (await unlessMissing(readdir(this.#modelsFolder))) ?? [];
    const listings: ModelListing[] = [];
    for (const name of names.filter(isModelId).sort()) {
      const folder = path.join(this.#modelsFolder, name);
      try {
        const manifest = await readManifest(folder);
        if (manifest !== undefined) listings.push(await listImported(manifest, this.#modelsFolder));
      } catch (error) {
        listings.push(await listBroken(folder, asBangerError(error)));
      }
    }
    return listings;
  }

  async #unknownError(kind: 'encoder' | 'head', given: string): Promise<BangerError> {
    if (looksLikePath(given)) {
      const expected =
        kind === 'encoder'
          ? 'a folder that holds config.json and the weights'
          : 'a file such as scorer_model.pt';
      return new BangerError('model-missing', `There is no ${kind} at this path.`, {
        file: path.resolve(given),
        nextStep: `Name ${expected}.`,
      });
    }
    const ids = (await this.listModels()).filter((listing) => listing.kind === kind).map(({ id }) => id);
    return new BangerError('model-missing', `There is no ${kind} “${given}”.`, {
      nextStep: `Choose one of ${ids.join(', ')}, or take your own from disk with “banger models import”.`,
    });
  }
}

async function describeEncoder(id: string, folder: string): Promise<ResolvedEncoder> {
  const weightsFiles = await findWeightsFiles(folder);
  if (weightsFiles.length > 0) return { source: 'folder', id, folder, weightsFiles };
  throw new BangerError('model-missing', 'The folder holds no model weights.', {
    file: folder,
    nextStep: 'Name a folder that holds config.json and model.safetensors or pytorch_model.bin.',
  });
}
