/** The shared cache's layout, with links and on systems that allow none. */
import { lstat, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  findCachedModel,
  placePointer,
  readRef,
  repositoryFolders,
  writeRef,
} from '../../../src/engine/models/hub-cache.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const source = {
  repository: 'owner/name',
  requiredFiles: ['config.json'],
  weightsFiles: ['model.safetensors', 'pytorch_model.bin'],
};
const commitA = 'a'.repeat(40);
const commitB = 'b'.repeat(40);

async function addSnapshot(
  cacheFolder: string,
  commit: string,
  files: Record<string, string>,
): Promise<string> {
  const folder = path.join(repositoryFolders(cacheFolder, source.repository).snapshots, commit);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

const complete = { 'config.json': '{}', 'pytorch_model.bin': '12345' };

describe('a model in the cache', () => {
  test('is missing when there is nothing, or only what is none of it', async () => {
    const cacheFolder = await makeFolder();
    expect(await findCachedModel(cacheFolder, source)).toEqual({ state: 'missing' });
    await mkdir(repositoryFolders(cacheFolder, source.repository).refs, { recursive: true });
    expect(await findCachedModel(cacheFolder, source)).toEqual({ state: 'missing' });
  });

  test('is partial when files are missing or a download broke off', async () => {
    const cacheFolder = await makeFolder();
    await addSnapshot(cacheFolder, commitA, { 'config.json': '{}' });
    expect(await findCachedModel(cacheFolder, source)).toEqual({ state: 'partial', bytes: 2 });
    const { blobs } = repositoryFolders(cacheFolder, source.repository);
    await mkdir(blobs);
    await writeFile(path.join(blobs, `${'c'.repeat(64)}.incomplete`), '12345');
    expect(await findCachedModel(cacheFolder, source)).toEqual({ state: 'partial', bytes: 7 });
  });

  test('is partial when its link leads nowhere', async () => {
    const cacheFolder = await makeFolder();
    const folder = await addSnapshot(cacheFolder, commitA, { 'config.json': '{}' });
    await symlink('../../blobs/gone', path.join(folder, 'pytorch_model.bin'));
    expect(await findCachedModel(cacheFolder, source)).toMatchObject({ state: 'partial' });
  });

  test('is found without links, as on Windows, with the best weights first', async () => {
    const cacheFolder = await makeFolder();
    const folder = await addSnapshot(cacheFolder, commitA, { ...complete, 'model.safetensors': '123' });
    expect(await findCachedModel(cacheFolder, source)).toEqual({
      state: 'complete',
      commit: commitA,
      folder,
      files: ['config.json', 'model.safetensors'],
      bytes: 5,
    });
  });

  test('is the revision that main points to, else the complete one changed last', async () => {
    const cacheFolder = await makeFolder();
    const folders = repositoryFolders(cacheFolder, source.repository);
    const folderA = await addSnapshot(cacheFolder, commitA, complete);
    const folderB = await addSnapshot(cacheFolder, commitB, complete);
    await utimes(folderA, 1_000, 1_000);
    await utimes(folderB, 2_000, 2_000);
    expect(await findCachedModel(cacheFolder, source)).toMatchObject({ commit: commitB });
    await writeRef(folders, 'main', commitA);
    expect(await findCachedModel(cacheFolder, source)).toMatchObject({ commit: commitA });
    await addSnapshot(cacheFolder, 'c'.repeat(40), { 'config.json': '{}' });
    await writeRef(folders, 'main', 'c'.repeat(40));
    expect(await findCachedModel(cacheFolder, source)).toMatchObject({ commit: commitB });
  });

  test('is not looked for where a damaged reference points', async () => {
    const cacheFolder = await makeFolder();
    const folders = repositoryFolders(cacheFolder, source.repository);
    await writeRef(folders, 'main', '../../../../etc');
    expect(await readRef(folders, 'main')).toBeNull();
  });
});

describe('a snapshot’s file', () => {
  async function makeBlob(): Promise<{ blob: string; pointer: string }> {
    const folders = repositoryFolders(await makeFolder(), source.repository);
    await mkdir(folders.blobs, { recursive: true });
    const blob = path.join(folders.blobs, 'd'.repeat(64));
    await writeFile(blob, 'content');
    return { blob, pointer: path.join(folders.snapshots, commitA, 'config.json') };
  }

  test('is a relative link', async () => {
    const { blob, pointer } = await makeBlob();
    await placePointer(blob, pointer);
    expect((await lstat(pointer)).isSymbolicLink()).toBe(true);
    expect(await readFile(pointer, 'utf8')).toBe('content');
  });

  test('is the file itself where links are not allowed, without a second copy', async () => {
    const { blob, pointer } = await makeBlob();
    const refuse = (): Promise<void> =>
      Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    await placePointer(blob, pointer, refuse);
    const placed = await lstat(pointer);
    expect(placed.isFile()).toBe(true);
    expect(placed.ino).toBe((await lstat(blob)).ino);
  });

  test('replaces what was there', async () => {
    const { blob, pointer } = await makeBlob();
    await mkdir(path.dirname(pointer), { recursive: true });
    await symlink('nowhere', pointer);
    await placePointer(blob, pointer);
    expect(await readFile(pointer, 'utf8')).toBe('content');
  });
});
