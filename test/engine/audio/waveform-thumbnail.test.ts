/** Small waveforms keep the loudest sample of every part, however many parts are asked for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waveformThumbnail } from '../../../src/engine/audio/waveform-thumbnail.ts';

test('each span has the loudest sample of its buckets, downwards and upwards alike', () => {
  expect([...waveformThumbnail(Int8Array.of(-5, 3, -1, 9, -128, 0, 0, 0), 2)]).toEqual([9, 127]);
});

test('more spans than buckets repeat their neighbours', () => {
  expect([...waveformThumbnail(Int8Array.of(-5, 3, 0, 9), 4)]).toEqual([5, 5, 9, 9]);
});

test('nothing gives silence', () => {
  expect([...waveformThumbnail(new Int8Array(), 3)]).toEqual([0, 0, 0]);
});

test('no sample is lost: the loudest of all is the loudest of some span', () => {
  fc.assert(
    fc.property(
      fc.int8Array({ minLength: 2, maxLength: 400 }).filter(({ length }) => length % 2 === 0),
      fc.integer({ min: 1, max: 300 }),
      (peaks, spans) => {
        const heights = waveformThumbnail(peaks, spans);
        const loudest = (bucket: number) =>
          Math.max(0, -(peaks[bucket * 2] ?? 0), peaks[bucket * 2 + 1] ?? 0);
        const buckets = Array.from({ length: peaks.length / 2 }, (_, bucket) => loudest(bucket));
        expect(heights).toHaveLength(spans);
        expect(Math.max(...heights)).toBe(Math.min(127, Math.max(...buckets)));
      },
    ),
  );
});
