/** Settings are merged, outlive other versions of the product, and are shared by everybody who has the library. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import type { Library } from '../../src/engine/library/library.ts';
import { SettingsStore } from '../../src/engine/settings-store.ts';
import { appSettingsSchema } from '../../src/shared/app-settings.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const stored = { name: 'app', schema: z.record(z.string(), z.unknown()) };
let library: Library;
let settings: SettingsStore;

beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
  settings = new SettingsStore(library);
});
afterEach(() => {
  library.close();
});

test('begin with their defaults, and keep what was changed', () => {
  expect(settings.read()).toEqual(appSettingsSchema.parse({}));
  expect(settings.change({ theme: 'dark', zoom: undefined })).toMatchObject({ theme: 'dark', zoom: 1 });
  settings.change({ zoom: 2, models: { encoder: 'mine', head: 'my-head' } });
  expect(settings.read()).toMatchObject({ theme: 'dark', zoom: 2, models: { encoder: 'mine' } });
  settings.change({ models: null });
  expect(settings.read().models).toBeNull();
});

test('that two processes change are merged', () => {
  const other = openLibrary(inFolder('library.sqlite'));
  try {
    settings.read();
    new SettingsStore(other).change({ theme: 'light' });
    expect(settings.change({ volume: 0.2 })).toMatchObject({ theme: 'light', volume: 0.2 });
    expect(new SettingsStore(other).read().volume).toBe(0.2);
  } finally {
    other.close();
  }
});

test('of another version: what is unknown is kept, what cannot be read has its default', () => {
  library.settings.set(stored, { theme: 'sepia', zoom: 1.5, moonPhase: 'full' });
  expect(settings.read()).toMatchObject({ theme: 'system', zoom: 1.5 });
  settings.change({ zoom: 2 });
  expect(library.settings.get(stored)).toEqual({ theme: 'sepia', zoom: 2, moonPhase: 'full' });
});
