import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mendBounds, minimumSize, WindowStateFile, type Bounds } from '../../src/main/window-state.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { RecordedLog } from './support/recorded-log.ts';

const inFolder = useFreshFolder();

const laptop: Bounds = { x: 0, y: 25, width: 1440, height: 875 };
const besideIt: Bounds = { x: 1440, y: 0, width: 2560, height: 1440 };

test('a place on a screen is kept', () => {
  const bounds = { x: 1500, y: 30, width: 1200, height: 800 };
  expect(mendBounds(bounds, [laptop, besideIt])).toEqual(bounds);
});

test('a place on a screen that is gone becomes the middle of the one that is there', () => {
  const bounds = { x: 1500, y: 30, width: 1200, height: 800 };
  expect(mendBounds(bounds, [laptop])).toEqual({ x: 120, y: 63, width: 1200, height: 800 });
});

test('a window under the upper edge of the screen, where nobody can take hold of it, is brought back', () => {
  expect(mendBounds({ x: 100, y: -300, width: 1200, height: 800 }, [laptop])?.y).toBeGreaterThanOrEqual(25);
});

test('without a remembered place it stands in the middle of the first screen', () => {
  expect(mendBounds(null, [laptop])).toEqual({ x: 80, y: 53, width: 1280, height: 820 });
});

test('wherever it was, a person can take hold of it, and it is no larger than a screen', () => {
  const number = fc.integer({ min: -20_000, max: 20_000 });
  const size = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(fc.record({ x: number, y: number, width: size, height: size }), (remembered) => {
      const mended = mendBounds(remembered, [laptop, besideIt]);
      if (mended === null) throw new Error('There are screens.');
      const screen = [laptop, besideIt].find(
        ({ x, y, width, height }) =>
          Math.min(mended.x + mended.width, x + width) - Math.max(mended.x, x) >= 80 &&
          mended.y >= y - 1 &&
          mended.y < y + height,
      );
      expect(screen).toBeDefined();
      expect(mended.width).toBeLessThanOrEqual(screen?.width ?? 0);
      expect(mended.height).toBeLessThanOrEqual(screen?.height ?? 0);
      expect(mended.width).toBeGreaterThanOrEqual(minimumSize.width);
    }),
  );
});

test('what changed is there after a restart, and nothing else is touched', () => {
  const file = inFolder('deep', 'window-state.json');
  const log = new RecordedLog();
  new WindowStateFile(file, log).change({ theme: 'dark', bounds: laptop });
  new WindowStateFile(file, log).change({ isMaximized: true });
  expect(new WindowStateFile(file, log).state).toMatchObject({
    theme: 'dark',
    bounds: laptop,
    isMaximized: true,
    staysInTray: false,
  });
  expect(log.errors).toEqual([]);
});

test('a damaged file is reported and replaced by the usual', () => {
  const file = inFolder('window-state.json');
  for (const text of ['', '{', '{"bounds":{"x":"left"}}', '[]', '{"theme":"pink"}']) {
    writeFileSync(file, text);
    const log = new RecordedLog();
    const state = new WindowStateFile(file, log);
    expect(state.state).toMatchObject({ bounds: null, theme: 'system' });
    expect(log.errors).toHaveLength(1);
    state.change({ theme: 'light' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ theme: 'light' });
  }
});
