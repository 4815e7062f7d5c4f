/** Pulling a model of the catalogue: first a plan that a person can agree to, then the download. */
import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { ModelLicence } from '../../shared/model-commands.ts';
import { requireDownloadable, type DownloadableEntry } from './catalogue.ts';
import { diskFullError, unlessMissing } from './file-system-errors.ts';
import {
  defaultRevision,
  findCachedModel,
  placePointer,
  repositoryFolders,
  writeRef,
  type RepositoryFolders,
} from './hub-cache.ts';
import { fetchFileFacts, fetchRepository, type RemoteFile } from './hub-client.ts';
import { blobFile, downloadBlob, hasSize, partialFile } from './hub-download.ts';
import { offlineError } from './hub-errors.ts';
import type { HubSettings } from './hub-settings.ts';
import { defaultRetryPolicy, throwIfCancelled, withRetries, type RetryPolicy } from './retry.ts';
import { TransferMeter, type TransferProgress } from './transfer-meter.ts';

/** Room that is left free on the disk beyond the download itself. */
const SPARE_BYTES = 64 * 2 ** 20;

export interface PlannedFile {
  /** Name inside the repository and the destination. */
  path: string;
  sizeBytes: number;
  /** Bytes that are on this machine already; equal to `sizeBytes` when the file is whole. */
  presentBytes: number;
  /** What to fetch; null in a plan that was made without the Hub, where nothing is left to fetch. */
  remote: RemoteFile | null;
}

/** What a pull will do, for a person to agree to. */
export interface PullPlan {
  id: string;
  kind: 'encoder' | 'head';
  repository: string;
  /** Page of the model card. */
  page: string;
  commit: string;
  licence: ModelLicence;
  /** The licence that the model card states today, null when it states none or was not asked. */
  licenceOnCard: string | null;
  files: PlannedFile[];
  totalBytes: number;
  /** Bytes that have to be fetched; 0 when the model is complete. */
  remainingBytes: number;
  /** The folder that the model will be in, inside the cache shared by all Hugging Face tools. */
  destination: string;
}

export interface TransferOptions {
  signal?: AbortSignal | undefined;
  /** Waits and limits that differ from the defaults. */
  policy?: Partial<RetryPolicy>;
}

export interface PullOptions extends TransferOptions {
  /** Called a few times a second; its bytes are those of all files of the plan together. */
  onProgress?: (progress: TransferProgress) => void;
  /** Free bytes on a folder's volume; the system is asked if left out. */
  measureFreeBytes?: (folder: string) => Promise<number>;
}

export interface PulledModel {
  id: string;
  /** The folder with the model's files (links into the cache's blobs, or files). */
  folder: string;
  /** The files' names in it. */
  files: string[];
}

/**
 * Finds out what pulling a model means: which files, how large, under which licence, what is here already.
 * A model that is complete on this machine gives a plan with nothing to fetch even without a network.
 *
 * @param id of the catalogue
 * @throws BangerError `model-missing` or `usage` for an id that cannot be pulled, `network-unreachable`,
 * `download-…`, `cancelled`
 */
export async function planPull(
  id: string,
  settings: HubSettings,
  options: TransferOptions = {},
): Promise<PullPlan> {
  const entry = requireDownloadable(id);
  if (settings.offline) return planFromCache(entry, settings);
  try {
    return await planFromHub(entry, settings, options);
  } catch (error) {
    if (!hasErrorCode(error, 'network-unreachable')) throw error;
    const cached = await findCachedModel(settings.cacheFolder, entry.source);
    if (cached.state !== 'complete') throw error;
    return planFromCache(entry, settings);
  }
}

async function planFromHub(
  entry: DownloadableEntry,
  settings: HubSettings,
  options: TransferOptions,
): Promise<PullPlan> {
  const policy = { ...defaultRetryPolicy, ...options.policy };
  const { signal } = options;
  const { repository } = entry.source;
  const context = { settings, stallTimeoutMs: policy.stallTimeoutMs, signal };
  // Somebody waits for the plan: one more attempt is worth it, minutes of them are not.
  const planPolicy = { ...policy, attempts: Math.min(2, policy.attempts) };
  const ask = <Answer>(question: () => Promise<Answer>): Promise<Answer> =>
    withRetries(planPolicy, signal, () => 0, question);

  const remote = await ask(() => fetchRepository(repository, defaultRevision, context));
  const folders = repositoryFolders(settings.cacheFolder, repository);
  const files: PlannedFile[] = [];
  for (const name of chooseFiles(entry, remote.files, settings.endpoint)) {
    const file = { repository, commit: remote.commit, path: name };
    const facts = await ask(() => fetchFileFacts(file, context));
    const presentBytes = await measurePresent(folders, facts);
    files.push({ path: name, sizeBytes: facts.sizeBytes, presentBytes, remote: facts });
  }
  const plan = describePlan(entry, settings, remote.commit, files);
  return { ...plan, licenceOnCard: remote.licenceOnCard };
}

/** Names come from the catalogue; the Hub's listing only says which of them exist. */
function chooseFiles(entry: DownloadableEntry, listed: ReadonlySet<string>, endpoint: string): string[] {
  const { repository, requiredFiles, weightsFiles } = entry.source;
  const weights = weightsFiles.find((name) => listed.has(name));
  const missing = requiredFiles.filter((name) => !listed.has(name));
  if (weights !== undefined && missing.length === 0) return [...requiredFiles, weights];
  const lacking = [...missing, ...(weights === undefined ? [weightsFiles.join(' or ')] : [])].join(', ');
  throw new BangerError(
    'download-not-found',
    `${repository} no longer has what “${entry.id}” needs: ${lacking}.`,
    {
      nextStep: `Look at ${endpoint}/${repository}, or take the model from disk with “banger models import”.`,
    },
  );
}

async function measurePresent(folders: RepositoryFolders, file: RemoteFile): Promise<number> {
  const pointer = path.join(folders.snapshots, file.commit, file.path);
  if (await hasSize(pointer, file.sizeBytes)) return file.sizeBytes;
  if (await hasSize(blobFile(folders, file), file.sizeBytes)) return file.sizeBytes;
  const partial = await unlessMissing(stat(partialFile(folders, file)));
  return partial !== undefined && partial.size <= file.sizeBytes ? partial.size : 0;
}

async function planFromCache(entry: DownloadableEntry, settings: HubSettings): Promise<PullPlan> {
  const { repository } = entry.source;
  const cached = await findCachedModel(settings.cacheFolder, entry.source);
  if (cached.state !== 'complete') throw offlineError(repository);
  const files = await Promise.all(
    cached.files.map(async (name) => {
      const { size } = await stat(path.join(cached.folder, name));
      return { path: name, sizeBytes: size, presentBytes: size, remote: null };
    }),
  );
  return describePlan(entry, settings, cached.commit, files);
}

function describePlan(
  entry: DownloadableEntry,
  settings: HubSettings,
  commit: string,
  files: PlannedFile[],
): PullPlan {
  const { repository } = entry.source;
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return {
    id: entry.id,
    kind: entry.kind,
    repository,
    page: `${settings.endpoint}/${repository}`,
    commit,
    licence: entry.licence,
    licenceOnCard: null,
    files,
    totalBytes,
    remainingBytes: totalBytes - files.reduce((sum, file) => sum + file.presentBytes, 0),
    destination: path.join(repositoryFolders(settings.cacheFolder, repository).snapshots, commit),
  };
}

/**
 * Does what the plan says. Cancelling, a lost connection or a crash keep what has arrived; pulling again goes on
 * from there. The model counts as installed once all of its files are in place and checked.
 *
 * @param settings those that the plan was made with
 * @throws BangerError as `downloadBlob`, and `disk-full` before anything is fetched when there is no room
 */
export async function pullModel(
  plan: PullPlan,
  settings: HubSettings,
  options: PullOptions = {},
): Promise<PulledModel> {
  const { signal } = options;
  const folders = repositoryFolders(settings.cacheFolder, plan.repository);
  const policy = { ...defaultRetryPolicy, ...options.policy };
  const meter = new TransferMeter(plan.totalBytes, options.onProgress ?? (() => undefined));
  throwIfCancelled(signal);
  await requireRoom(plan, settings.cacheFolder, options.measureFreeBytes ?? measureFreeBytes);

  let finishedBytes = 0;
  for (const file of plan.files) {
    const pointer = path.join(plan.destination, file.path);
    meter.startFile(file.path);
    if (!(await hasSize(pointer, file.sizeBytes))) {
      if (file.remote === null) throw offlineError(plan.repository);
      const startBytes = finishedBytes;
      const onBytes = (bytes: number, arrivedNow: boolean): void => {
        if (arrivedNow) meter.advanceTo(startBytes + bytes);
        else meter.moveTo(startBytes + bytes);
      };
      const blob = await downloadBlob(file.remote, { settings, folders, policy, signal, onBytes });
      await placePointer(blob, pointer);
    }
    finishedBytes += file.sizeBytes;
    meter.moveTo(finishedBytes);
  }
  // Only now, so that whoever follows the branch never finds half a model.
  if (plan.files.every((file) => file.remote !== null)) await writeRef(folders, defaultRevision, plan.commit);
  return { id: plan.id, folder: plan.destination, files: plan.files.map((file) => file.path) };
}

/** Free bytes on the volume where the shared cache lies or will lie. */
export async function measureFreeCacheBytes({ cacheFolder }: HubSettings): Promise<number> {
  return measureFreeBytes(await nearestExisting(cacheFolder));
}

async function requireRoom(
  plan: PullPlan,
  cacheFolder: string,
  measure: (folder: string) => Promise<number>,
): Promise<void> {
  if (plan.remainingBytes === 0) return;
  const freeBytes = await measure(await nearestExisting(cacheFolder));
  const neededBytes = plan.remainingBytes + SPARE_BYTES;
  if (freeBytes < neededBytes) throw diskFullError(cacheFolder, neededBytes, freeBytes);
}

async function nearestExisting(folder: string): Promise<string> {
  const parent = path.dirname(folder);
  if (parent === folder || (await unlessMissing(stat(folder))) !== undefined) return folder;
  return nearestExisting(parent);
}

async function measureFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
