/** The repositories that tests pull, and the settings to reach them on the fake Hub. */
import { randomBytes } from 'node:crypto';
import type { HubSettings } from '../../src/engine/models/hub-settings.ts';
import type { FakeRepository, HubServer } from './hub-server.ts';

export const mertRepository = 'm-a-p/MERT-v1-330M';
export const headRepository = 'treadon/banger-scorer';
export const mertCommit = '0123456789abcdef0123456789abcdef01234567';
export const headCommit = 'fedcba9876543210fedcba9876543210fedcba98';

/** A repository in MERT's form whose weights are random bytes. */
export function makeMertRepository(weightsBytes = 1_000_000): FakeRepository {
  return {
    commit: mertCommit,
    licence: 'cc-by-nc-4.0',
    files: {
      'README.md': { bytes: Buffer.from('# MERT') },
      'config.json': { bytes: Buffer.from('{"model_type":"mert_model","hidden_size":1024}') },
      'preprocessor_config.json': { bytes: Buffer.from('{"do_normalize":true}') },
      'pytorch_model.bin': { bytes: randomBytes(weightsBytes), isLarge: true },
    },
  };
}

export function makeHeadRepository(): FakeRepository {
  return {
    commit: headCommit,
    licence: 'apache-2.0',
    files: { 'scorer_model.pt': { bytes: randomBytes(50_000), isLarge: true } },
  };
}

/** Settings that lead to the fake Hub, with a cache of the test's own. */
export function settingsFor(
  server: HubServer,
  cacheFolder: string,
  changes: Partial<HubSettings> = {},
): HubSettings {
  return { endpoint: server.endpoint, cacheFolder, token: null, offline: false, ...changes };
}

/** Waits short enough for tests, in the same order as the real ones. */
export const quickPolicy = {
  attempts: 4,
  baseDelayMs: 1,
  maximumDelayMs: 5,
  maximumRetryAfterMs: 2_000,
  stallTimeoutMs: 500,
};
