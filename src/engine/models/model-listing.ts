/** A model as lists show it: what it is, whether it is here, where it lies and what is wrong with it. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { ModelListing } from '../../shared/model-commands.ts';
import { findCatalogueEntry, type CatalogueEntry } from './catalogue.ts';
import { findWeightsFiles } from './encoder-folder.ts';
import { unlessMissing } from './file-system-errors.ts';
import { measureFolder } from './folder-size.ts';
import { findCachedModel, repositoryFolders } from './hub-cache.ts';
import type { ModelManifest } from './model-manifest.ts';

/** Where an imported model's folder (encoder) or file (head) is. */
export function locateImported(manifest: ModelManifest, modelsFolder: string): string {
  if (manifest.placement === 'referenced') return manifest.originalPath;
  const folder = path.join(modelsFolder, manifest.id);
  return manifest.headFile === null ? folder : path.join(folder, manifest.headFile);
}

/** What keeps an imported model from being used, null when nothing does. */
export async function findProblem(
  manifest: ModelManifest,
  modelsFolder: string,
): Promise<BangerError | null> {
  const location = locateImported(manifest, modelsFolder);
  const isComplete =
    manifest.kind === 'head'
      ? (await unlessMissing(stat(location)))?.isFile() === true
      : (await unlessMissing(stat(path.join(location, 'config.json')))) !== undefined &&
        (await findWeightsFiles(location)).length > 0;
  if (isComplete) return null;
  return new BangerError('model-missing', `The files of “${manifest.id}” are no longer where they were.`, {
    file: location,
    nextStep: `Put them back, or run “banger models remove ${manifest.id}” and import it again.`,
  });
}

/** An imported model. */
export async function listImported(manifest: ModelManifest, modelsFolder: string): Promise<ModelListing> {
  const { kind, id, embeddingSize, encoderId } = manifest;
  const entry = findCatalogueEntry(kind, id);
  const problem = await findProblem(manifest, modelsFolder);
  const location = locateImported(manifest, modelsFolder);
  return {
    kind,
    id,
    title: entry?.title ?? (kind === 'encoder' ? 'Imported encoder' : 'Imported head'),
    state: problem === null ? 'installed' : 'broken',
    origin: 'imported',
    location,
    bytes: problem === null ? await measurePath(location) : 0,
    encoderId,
    embeddingSize,
    licence: entry?.licence ?? null,
    downloadBytes: null,
    problem: problem?.toRecord() ?? null,
  };
}

/** An imported model whose note cannot be read. */
export async function listBroken(folder: string, problem: BangerError): Promise<ModelListing> {
  const hasConfig = (await unlessMissing(stat(path.join(folder, 'config.json')))) !== undefined;
  return {
    kind: hasConfig ? 'encoder' : 'head',
    id: path.basename(folder),
    title: 'Damaged import',
    state: 'broken',
    origin: 'imported',
    location: folder,
    bytes: await measurePath(folder),
    encoderId: null,
    embeddingSize: null,
    licence: null,
    downloadBytes: null,
    problem: problem.toRecord(),
  };
}

/** A model of the catalogue, as the Hugging Face cache holds it. */
export async function listCatalogued(entry: CatalogueEntry, cacheFolder: string): Promise<ModelListing> {
  const listing: ModelListing = {
    kind: entry.kind,
    id: entry.id,
    title: entry.title,
    state: 'not-installed',
    origin: null,
    location: null,
    bytes: 0,
    encoderId: entry.kind === 'head' ? entry.encoderId : null,
    embeddingSize: expectedEmbeddingSize(entry),
    licence: entry.licence,
    downloadBytes: entry.approximateBytes,
    problem: null,
  };
  if (entry.source === null) {
    return { ...listing, state: 'built-in', origin: 'built-in', downloadBytes: null };
  }
  const cached = await findCachedModel(cacheFolder, entry.source);
  if (cached.state === 'missing') return listing;
  const found = { ...listing, origin: 'hub-cache', bytes: cached.bytes } as const;
  if (cached.state === 'partial') {
    const { root } = repositoryFolders(cacheFolder, entry.source.repository);
    return { ...found, state: 'partial', location: root };
  }
  const location = entry.kind === 'head' ? path.join(cached.folder, cached.files[0] ?? '') : cached.folder;
  return { ...found, state: 'installed', location };
}

function expectedEmbeddingSize(entry: CatalogueEntry): number | null {
  const encoder = entry.kind === 'encoder' ? entry : findCatalogueEntry('encoder', entry.encoderId);
  return encoder?.hiddenSize ?? null;
}

async function measurePath(location: string): Promise<number> {
  const entry = await unlessMissing(stat(location));
  if (entry?.isDirectory() === true) return (await measureFolder(location)).bytes;
  return entry?.size ?? 0;
}
