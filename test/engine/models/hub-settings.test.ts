/** The variables that all Hugging Face tools share, read as those tools read them. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHubSettings } from '../../../src/engine/models/hub-settings.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();

describe('settings', () => {
  test('are Hugging Face’s own defaults when nothing is set', async () => {
    const home = await makeFolder();
    expect(await readHubSettings({}, home)).toEqual({
      endpoint: 'https://huggingface.co',
      cacheFolder: path.join(home, '.cache', 'huggingface', 'hub'),
      token: null,
      offline: false,
    });
  });

  test.each([
    [{ HF_HOME: '/hf' }, '/hf/hub'],
    [{ XDG_CACHE_HOME: '/xdg' }, '/xdg/huggingface/hub'],
    [{ HF_HOME: '/hf', HF_HUB_CACHE: '/cache' }, '/cache'],
    [{ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
    [{ HF_HUB_CACHE: '/cache', HUGGINGFACE_HUB_CACHE: '/old' }, '/cache'],
    [{ HF_HOME: '' }, '{home}/.cache/huggingface/hub'],
    [{ HF_HOME: '~/hf' }, '{home}/hf/hub'],
    [{ HF_HOME: '~other/hf' }, path.resolve('~other/hf/hub')],
  ])('place the cache for %j', async (environment, expected) => {
    const home = await makeFolder();
    const { cacheFolder } = await readHubSettings(environment, home);
    expect(cacheFolder).toBe(path.resolve(expected.replace('{home}', home)));
  });

  test.each(['https://hf-mirror.example/', 'http://localhost:8080', 'https://host/hub/'])(
    'take the endpoint %s',
    async (endpoint) => {
      const settings = await readHubSettings({ HF_ENDPOINT: endpoint }, await makeFolder());
      expect(settings.endpoint).toBe(endpoint.replace(/\/$/, ''));
    },
  );

  test.each(['huggingface.co', 'ftp://host', 'file:///etc', 'https://user:pw@host', 'https://host/?a=b'])(
    'refuse the endpoint %s',
    async (endpoint) => {
      await expect(readHubSettings({ HF_ENDPOINT: endpoint }, await makeFolder())).rejects.toMatchObject({
        code: 'usage',
      });
    },
  );

  test.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['on', true],
    ['0', false],
    ['false', false],
    ['', false],
  ])('HF_HUB_OFFLINE=%s means %s', async (value, offline) => {
    expect(await readHubSettings({ HF_HUB_OFFLINE: value }, await makeFolder())).toMatchObject({ offline });
  });

  test('find the token in the variable, then in the file', async () => {
    const home = await makeFolder();
    const hubHome = path.join(home, '.cache', 'huggingface');
    await mkdir(hubHome, { recursive: true });
    await writeFile(path.join(hubHome, 'token'), 'hf_file\n');
    expect((await readHubSettings({}, home)).token).toBe('hf_file');
    expect((await readHubSettings({ HF_TOKEN: ' hf_variable ' }, home)).token).toBe('hf_variable');
    expect((await readHubSettings({ HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }, home)).token).toBeNull();
    await writeFile(path.join(home, 'other'), 'hf_other');
    expect((await readHubSettings({ HF_TOKEN_PATH: path.join(home, 'other') }, home)).token).toBe('hf_other');
  });

  test('refuse a token that would break the request, without repeating it', async () => {
    const pending = readHubSettings({ HF_TOKEN: 'hf_a\r\nHost: evil' }, await makeFolder());
    await expect(pending).rejects.toMatchObject({ code: 'usage' });
    await expect(pending).rejects.not.toMatchObject({ message: expect.stringContaining('evil') as string });
  });
});
