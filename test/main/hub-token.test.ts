import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HubToken, type TokenCipher } from '../../src/main/hub-token.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { RecordedLog } from './support/recorded-log.ts';

const inFolder = useFreshFolder();

type Backend = ReturnType<TokenCipher['getSelectedStorageBackend']>;

const token = 'hf_secret';

/** A key store with a key of its own. */
function keyStore(backend: Backend = 'gnome_libsecret', isAvailable = true): TokenCipher {
  const key = randomBytes(32);
  return {
    getSelectedStorageBackend: () => backend,
    isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
    encryptStringAsync: (text) => {
      if (!isAvailable) return Promise.reject(new Error('The key store is locked.'));
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Promise.resolve(Buffer.concat([nonce, cipher.getAuthTag(), encrypted]));
    },
    decryptStringAsync: async (bytes) => {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      const result = decipher.update(bytes.subarray(28)).toString('utf8') + decipher.final('utf8');
      return Promise.resolve({ result, shouldReEncrypt: false });
    },
  };
}

test('a token outlives the run, encrypted, and is gone when forgotten', async () => {
  const file = inFolder('hub-token');
  const options = { file, cipher: keyStore(), platform: 'linux' as const, log: new RecordedLog() };
  await new HubToken(options).keep(token);
  expect(readFileSync(file).includes(token)).toBe(false);

  const next = new HubToken(options);
  expect(next.token).toBeNull();
  await next.load();
  expect(next.token).toBe(token);
  await next.keep(null);
  expect(next.token).toBeNull();
  expect(existsSync(file)).toBe(false);
});

test.each([
  ['without a key ring', keyStore('basic_text'), 'linux'],
  ['before the key ring is known', keyStore('unknown'), 'linux'],
  ['with a key ring that is not available', keyStore('kwallet6', false), 'linux'],
  ['with a key store that refuses', keyStore('gnome_libsecret', false), 'darwin'],
] as const)('%s it is used for this run and never written', async (_, cipher, platform) => {
  const file = inFolder('hub-token');
  const hubToken = new HubToken({ file, cipher, platform, log: new RecordedLog() });
  await hubToken.keep(token);
  expect(hubToken.token).toBe(token);
  expect(existsSync(file)).toBe(false);
  expect(await hubToken.isKept()).toBe(false);
});

test('one that another key wrote is reported and not used', async () => {
  const file = inFolder('hub-token');
  const log = new RecordedLog();
  await new HubToken({ file, cipher: keyStore(), platform: 'win32', log }).keep(token);
  const hubToken = new HubToken({ file, cipher: keyStore(), platform: 'win32', log });
  await hubToken.load();
  expect(hubToken.token).toBeNull();
  expect(log.errors).toHaveLength(1);
});

test('a token of an earlier run does not come back when a new one cannot be kept', async () => {
  const file = inFolder('hub-token');
  writeFileSync(file, 'the earlier one, encrypted');
  await new HubToken({
    file,
    cipher: keyStore('basic_text'),
    platform: 'linux',
    log: new RecordedLog(),
  }).keep(token);
  expect(existsSync(file)).toBe(false);
});
