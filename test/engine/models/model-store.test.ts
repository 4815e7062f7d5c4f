/** The models on this machine: listed, imported, found by name or path, removed. */
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { modelChecks } from '../../../src/engine/models/model-checks.ts';
import { ModelStore } from '../../../src/engine/models/model-store.ts';
import { repositoryFolders, writeRef } from '../../../src/engine/models/hub-cache.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const parity = path.join(import.meta.dirname, '../../fixtures/parity');
const tinyEncoder = path.join(parity, 'encoders/tiny-330m-like');
const tinyHead = path.join(tinyEncoder, 'head.pt');
const wideHead = path.join(parity, 'head/scorer_model.pt');
const commit = 'a'.repeat(40);
let modelsFolder: string;
let cacheFolder: string;
let store: ModelStore;

beforeEach(async () => {
  modelsFolder = path.join(await makeFolder(), 'models');
  cacheFolder = await makeFolder();
  store = new ModelStore({ modelsFolder, settings: { cacheFolder }, checks: modelChecks });
});

/** Puts a file into the Hugging Face cache as its tools do. */
async function cacheFile(repository: string, name: string, bytes: Uint8Array): Promise<string> {
  const folders = repositoryFolders(cacheFolder, repository);
  const snapshot = path.join(folders.snapshots, commit);
  await mkdir(folders.blobs, { recursive: true });
  await mkdir(snapshot, { recursive: true });
  const blob = randomBytes(32).toString('hex');
  await writeFile(path.join(folders.blobs, blob), bytes);
  await symlink(path.join('..', '..', 'blobs', blob), path.join(snapshot, name));
  await writeRef(folders, 'main', commit);
  return snapshot;
}

async function cacheMert(): Promise<string> {
  const repository = 'm-a-p/MERT-v1-330M';
  for (const name of ['config.json', 'preprocessor_config.json', 'pytorch_model.bin']) {
    await cacheFile(repository, name, Buffer.from(name));
  }
  return path.join(repositoryFolders(cacheFolder, repository).snapshots, commit);
}

async function stateOf(kind: 'encoder' | 'head', id: string) {
  return (await store.listModels()).find((model) => model.kind === kind && model.id === id);
}

describe('the list', () => {
  test('names the whole catalogue on a fresh machine and creates nothing', async () => {
    const models = await store.listModels();
    expect(models.map(({ kind, id, state }) => `${kind} ${id} ${state}`)).toEqual([
      'encoder mert-v1-330m not-installed',
      'encoder mert-v1-95m not-installed',
      'encoder draft built-in',
      'head banger not-installed',
      'head draft built-in',
    ]);
    await expect(stat(modelsFolder)).rejects.toThrow();
  });

  test('finds what other tools left in the Hugging Face cache', async () => {
    const folder = await cacheMert();
    await cacheFile('treadon/banger-scorer', 'scorer_model.pt', randomBytes(100));
    expect(await stateOf('encoder', 'mert-v1-330m')).toMatchObject({
      state: 'installed',
      origin: 'hub-cache',
      location: folder,
      embeddingSize: 1024,
    });
    expect(await stateOf('head', 'banger')).toMatchObject({
      state: 'installed',
      bytes: 100,
      encoderId: 'mert-v1-330m',
    });
  });

  test('shows a download that broke off as partial', async () => {
    const { blobs } = repositoryFolders(cacheFolder, 'm-a-p/MERT-v1-95M');
    await mkdir(blobs, { recursive: true });
    await writeFile(path.join(blobs, `${'e'.repeat(64)}.incomplete`), randomBytes(1_000));
    expect(await stateOf('encoder', 'mert-v1-95m')).toMatchObject({ state: 'partial', bytes: 1_000 });
  });

  test('shows a damaged import as broken, and the others all the same', async () => {
    await store.importModel(tinyHead, { id: 'good' });
    await store.importModel(tinyHead, { id: 'bad' });
    for (const text of ['', '{', '{"version":1}', '{"version":1,"id":"good","kind":"head"}', '[]']) {
      await writeFile(path.join(modelsFolder, 'bad', 'banger-model.json'), text);
      expect(await stateOf('head', 'bad')).toMatchObject({
        state: 'broken',
        problem: { code: 'checkpoint-corrupt' },
      });
      expect(await stateOf('head', 'good')).toMatchObject({ state: 'installed' });
      await expect(store.resolveHead('bad')).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    }
    await store.removeModel('bad');
    expect(await stateOf('head', 'bad')).toBeUndefined();
  });

  test('is not led out of the folder by a note', async () => {
    await store.importModel(tinyHead, { id: 'bad' });
    const file = path.join(modelsFolder, 'bad', 'banger-model.json');
    const note = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...note, headFile: '../../secret' }));
    await expect(store.resolveHead('bad')).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
  });
});

describe('an import', () => {
  test('of an encoder’s folder survives the loss of the original', async () => {
    const original = path.join(await makeFolder(), 'My Encoder');
    await cp(tinyEncoder, original, { recursive: true });
    const model = await store.importModel(original);
    expect(model).toMatchObject({ kind: 'encoder', id: 'my-encoder', state: 'installed', embeddingSize: 64 });
    await rm(original, { recursive: true });
    const found = await store.resolveEncoder('my-encoder');
    expect(found).toMatchObject({
      source: 'folder',
      id: 'my-encoder',
      folder: path.join(modelsFolder, 'my-encoder'),
    });
    expect(await readdir(path.join(modelsFolder, 'my-encoder'))).not.toContain('head.pt');
    expect((await readdir(modelsFolder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('links instead of copying on the same volume', async () => {
    const original = path.join(await makeFolder(), 'head.pt');
    await cp(tinyHead, original);
    await store.importModel(original);
    const found = await store.resolveHead('head');
    expect(found.source === 'file' && (await stat(found.file)).ino).toBe((await stat(original)).ino);
  });

  test('by reference writes no second copy and notices when the original goes', async () => {
    const original = path.join(await makeFolder(), 'elsewhere');
    await cp(tinyEncoder, original, { recursive: true });
    await store.importModel(original, { id: 'ref', copy: false });
    expect(await store.resolveEncoder('ref')).toMatchObject({ folder: original });
    expect(await readdir(path.join(modelsFolder, 'ref'))).toEqual(['banger-model.json']);
    await rm(original, { recursive: true });
    expect(await stateOf('encoder', 'ref')).toMatchObject({
      state: 'broken',
      problem: { code: 'model-missing' },
    });
    await expect(store.resolveEncoder('ref')).rejects.toMatchObject({ code: 'model-missing' });
  });

  test('of a snapshot takes the files, not its links', async () => {
    const repository = 'someone/tiny';
    let snapshot = '';
    for (const name of await readdir(tinyEncoder)) {
      if (!/^(config|preprocessor_config)\.json$|^model\.safetensors$|^pytorch_model\.bin$/.test(name))
        continue;
      snapshot = await cacheFile(repository, name, await readFile(path.join(tinyEncoder, name)));
    }
    await store.importModel(snapshot, { id: 'tiny' });
    await rm(cacheFolder, { recursive: true });
    const found = await store.resolveEncoder('tiny');
    expect(found.source === 'folder' && (await readFile(found.weightsFiles[0] ?? '')).length).toBeGreaterThan(
      1_000,
    );
  });

  test('recognises the catalogue’s head and remembers its encoder', async () => {
    expect(await store.importModel(wideHead)).toMatchObject({ id: 'banger', encoderId: 'mert-v1-330m' });
    expect(await stateOf('head', 'banger')).toMatchObject({ state: 'installed', origin: 'imported' });
    expect(await store.resolveHead('banger')).toMatchObject({ source: 'file', encoderId: 'mert-v1-330m' });
  });

  test('remembers the encoder that the person names', async () => {
    expect(await store.importModel(tinyHead, { encoderId: 'tiny' })).toMatchObject({ encoderId: 'tiny' });
    expect(await store.resolveHead('head')).toMatchObject({ encoderId: 'tiny' });
  });

  test.each([
    { says: 'm-a-p/MERT-v1-330M', id: 'mert-v1-330m', licence: { needsAcceptance: true } },
    // The same shape alone may be a fine-tuned encoder, with other scores.
    { says: undefined, id: 'download', licence: null },
  ])('takes an encoder that calls itself $says for $id', async ({ says, id, licence }) => {
    const folder = path.join(await makeFolder(), 'download');
    await mkdir(folder);
    const config = {
      _name_or_path: says,
      model_type: 'mert_model',
      hidden_size: 1024,
      num_hidden_layers: 24,
    };
    await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
    await writeFile(path.join(folder, 'pytorch_model.bin'), 'weights');
    const checks = { ...modelChecks, validateEncoderFolder: () => Promise.resolve({ embeddingSize: 1024 }) };
    const lenient = new ModelStore({ modelsFolder, settings: { cacheFolder }, checks });
    expect(await lenient.importModel(folder)).toMatchObject({ id, licence });
    expect(await lenient.resolveEncoder(folder)).toMatchObject({ id, folder });
  });

  test('of one that the product cannot use leaves nothing behind', async () => {
    const malicious = path.join(parity, 'head/malicious.pt');
    await expect(store.importModel(malicious)).rejects.toMatchObject({ code: 'checkpoint-refused' });
    const empty = path.join(await makeFolder(), 'empty.pt');
    await writeFile(empty, '');
    await expect(store.importModel(empty)).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(store.importModel(await makeFolder())).rejects.toMatchObject({ code: 'model-missing' });
    await expect(store.importModel('/does/not/exist')).rejects.toMatchObject({ code: 'file-missing' });
    await expect(store.importModel(tinyHead, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(stat(modelsFolder)).rejects.toThrow();
  });

  test.each(['../evil', 'a/b', '', 'CON', 'draft', 'mert-v1-330m'])(
    'refuses the id %j for a head',
    async (id) => {
      await expect(store.importModel(tinyHead, { id })).rejects.toMatchObject({ code: 'usage' });
    },
  );

  test('never overwrites, not even when two run at once', async () => {
    const results = await Promise.allSettled([
      store.importModel(tinyHead, { id: 'twin' }),
      store.importModel(tinyHead, { id: 'twin' }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = results.find((result) => result.status === 'rejected');
    expect(rejected?.reason).toMatchObject({ code: 'usage' });
    expect(await stateOf('head', 'twin')).toMatchObject({ state: 'installed' });
  });

  test('of shards takes all of them, and none from outside', async () => {
    const folder = path.join(await makeFolder(), 'sharded');
    await mkdir(folder);
    await writeFile(path.join(folder, 'config.json'), '{}');
    for (const name of ['one.safetensors', 'two.safetensors']) await writeFile(path.join(folder, name), name);
    const checks = { ...modelChecks, validateEncoderFolder: () => Promise.resolve({ embeddingSize: 8 }) };
    const lenient = new ModelStore({ modelsFolder, settings: { cacheFolder }, checks });
    const index = path.join(folder, 'model.safetensors.index.json');
    await writeFile(index, JSON.stringify({ weight_map: { a: 'one.safetensors', b: '../../secret' } }));
    await expect(lenient.importModel(folder)).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    await writeFile(index, JSON.stringify({ weight_map: { a: 'one.safetensors', b: 'two.safetensors' } }));
    await lenient.importModel(folder);
    expect((await readdir(path.join(modelsFolder, 'sharded'))).sort()).toEqual([
      'banger-model.json',
      'config.json',
      'model.safetensors.index.json',
      'one.safetensors',
      'two.safetensors',
    ]);
  });
});

describe('finding', () => {
  test('built-in models by name', async () => {
    expect(await store.resolveEncoder('draft')).toEqual({ source: 'built-in', id: 'draft' });
    expect(await store.resolveHead('draft')).toEqual({ source: 'built-in', id: 'draft', encoderId: 'draft' });
  });

  test('a folder or file by its path, relative or absolute', async () => {
    expect(await store.resolveEncoder(tinyEncoder)).toMatchObject({
      id: 'tiny-330m-like',
      folder: tinyEncoder,
    });
    const relative = path.relative(process.cwd(), tinyHead);
    expect(await store.resolveHead(relative)).toMatchObject({ id: 'head', file: tinyHead, encoderId: null });
  });

  test('what was pulled, with the weights that can be opened', async () => {
    const folder = await cacheMert();
    expect(await store.resolveEncoder('mert-v1-330m')).toEqual({
      source: 'folder',
      id: 'mert-v1-330m',
      folder,
      weightsFiles: [path.join(folder, 'pytorch_model.bin')],
    });
  });

  test('what is not here says how to get it', async () => {
    await expect(store.resolveEncoder('mert-v1-330m')).rejects.toMatchObject({
      code: 'model-missing',
      nextStep: expect.stringContaining('banger models pull mert-v1-330m') as string,
    });
    await expect(store.resolveHead('banger')).rejects.toMatchObject({ code: 'model-missing' });
    await expect(store.resolveEncoder('nonsense')).rejects.toMatchObject({
      code: 'model-missing',
      nextStep: expect.stringContaining('mert-v1-330m, mert-v1-95m, draft') as string,
    });
    await expect(store.resolveEncoder('./nonsense')).rejects.toMatchObject({ code: 'model-missing' });
    await expect(store.resolveEncoder(tinyHead)).rejects.toMatchObject({ code: 'model-missing' });
    await expect(store.resolveHead(tinyEncoder)).rejects.toMatchObject({ code: 'model-missing' });
  });
});

describe('removing', () => {
  test('an import leaves the original and says what was freed', async () => {
    const original = path.join(await makeFolder(), 'head.pt');
    await cp(tinyHead, original);
    await store.importModel(original);
    const linked = await store.removeModel('head');
    expect(linked.freedBytes).toBeLessThan((await stat(original)).size);
    await store.importModel(original);
    const { size } = await stat(original);
    await rm(original);
    expect((await store.removeModel('head')).freedBytes).toBeGreaterThan(size);
    expect(await readdir(modelsFolder)).toEqual([]);
  });

  test('from the shared cache needs the person’s word', async () => {
    await cacheMert();
    const { root } = repositoryFolders(cacheFolder, 'm-a-p/MERT-v1-330M');
    await expect(store.removeModel('mert-v1-330m')).rejects.toMatchObject({ code: 'usage', file: root });
    expect(await stateOf('encoder', 'mert-v1-330m')).toMatchObject({ state: 'installed' });
    const removed = await store.removeModel('mert-v1-330m', { includeSharedCache: true });
    expect(removed.paths).toEqual([root]);
    expect(removed.freedBytes).toBeGreaterThan(0);
    expect(await stateOf('encoder', 'mert-v1-330m')).toMatchObject({ state: 'not-installed' });
  });

  test.each([
    ['draft', 'usage'],
    ['mert-v1-95m', 'model-missing'],
    ['nonsense', 'model-missing'],
    ['..', 'model-missing'],
    ['../other', 'model-missing'],
  ])('%s is refused with %s', async (id, code) => {
    await store.importModel(tinyHead, { id: 'bystander' });
    await expect(store.removeModel(id, { includeSharedCache: true })).rejects.toMatchObject({ code });
    expect(await stateOf('head', 'bystander')).toMatchObject({ state: 'installed' });
  });
});
