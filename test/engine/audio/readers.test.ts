/** The small readers of streams and texts: any split of the input gives the same result, no input breaks them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { channelsOfLayout, isPositionedLayout } from '../../../src/engine/audio/channel-layout.ts';
import { InputReportReader } from '../../../src/engine/audio/input-report.ts';
import { LineReader } from '../../../src/engine/audio/line-reader.ts';
import { LoudnessReader } from '../../../src/engine/audio/loudness-report.ts';
import { oggPackets } from '../../../src/engine/audio/ogg-pages.ts';
import { parseSongTags } from '../../../src/engine/audio/song-tags.ts';
import { WaveformMeter } from '../../../src/engine/audio/waveform-meter.ts';
import { WindowCollector } from '../../../src/engine/audio/window-collector.ts';

/** Bytes together with a way to cut them into chunks. */
const chunkedBytes = (maxLength: number) =>
  fc.tuple(
    fc.uint8Array({ maxLength }),
    fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 1, maxLength: 9 }),
  );

function pushInChunks(bytes: Buffer, sizes: readonly number[], push: (chunk: Buffer) => void): void {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    push(bytes.subarray(at, at + size));
    at += size;
  }
}

describe('LineReader', () => {
  it('gives the same lines for any split', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (text, size) => {
          const lines: string[] = [];
          const reader = new LineReader((line) => lines.push(line));
          pushInChunks(Buffer.from(text), [size], (chunk) => {
            reader.push(chunk);
          });
          reader.end();
          expect(lines.join('\n')).toBe(Buffer.from(text).toString().replace(/\n$/, ''));
        },
      ),
    );
  });

  it('cuts endless lines', () => {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    for (let turn = 0; turn < 100; turn += 1) reader.push(Buffer.alloc(10_000, 'x'));
    reader.push(Buffer.from('\nshort\n'));
    expect(lines.map((line) => line.length)).toEqual([16_384, 5]);
  });
});

describe('WaveformMeter', () => {
  it('measures the same for any split', () => {
    fc.assert(
      fc.property(chunkedBytes(2000), fc.integer({ min: 1, max: 6 }), ([bytes, sizes], channels) => {
        const whole = new WaveformMeter(channels);
        whole.push(Buffer.from(bytes));
        const parts = new WaveformMeter(channels);
        pushInChunks(Buffer.from(bytes), sizes, (chunk) => {
          parts.push(chunk);
        });
        expect(parts.frames).toBe(Math.floor(bytes.length / (2 * channels)));
        expect([parts.frames, parts.isSilent, parts.isClipped]).toEqual([
          whole.frames,
          whole.isSilent,
          whole.isClipped,
        ]);
        expect(parts.peaks()).toEqual(whole.peaks());
      }),
    );
  });

  it('keeps 800 true extremes of a song of any length', () => {
    for (const frames of [1, 63, 64, 65, 51_200, 204_799, 204_800, 1_000_003]) {
      const samples = new Int16Array(frames).fill(1000);
      samples[Math.floor(frames / 2)] = -32_768;
      const meter = new WaveformMeter(1);
      meter.push(Buffer.from(samples.buffer));
      const peaks = [...meter.peaks()];
      const lows = peaks.filter((_, index) => index % 2 === 0);
      expect(lows.length).toBe(Math.min(800, Math.ceil(frames / 64)));
      expect(lows.filter((low) => low === -127)).toHaveLength(1);
      expect(Math.abs(lows.indexOf(-127) / lows.length - 0.5)).toBeLessThanOrEqual(
        1 / lows.length + 0.5 / frames,
      );
    }
  });
});

describe('WindowCollector', () => {
  it('keeps the window for any split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 37 }), { minLength: 1, maxLength: 9 }),
        fc.nat(320),
        fc.nat(320),
        (values, sizes, start, length) => {
          const samples = new Float32Array(values);
          const collector = new WindowCollector(start, length);
          pushInChunks(Buffer.from(samples.buffer), sizes, (chunk) => {
            collector.push(chunk);
          });
          expect(collector.take()).toEqual(samples.slice(start, start + length));
          expect(collector.samplesSeen).toBe(Math.min(samples.length, start + length));
          expect(collector.hasInvalidSamples).toBe(false);
        },
      ),
    );
  });

  it('notices what is no number, in the window only', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity, 1e30]) {
      for (const [start, isNoticed] of [
        [0, true],
        [3, false],
      ] as const) {
        const collector = new WindowCollector(start, 2);
        collector.push(Buffer.from(new Float32Array([0, bad, 0, 0, 0]).buffer));
        expect(collector.hasInvalidSamples).toBe(isNoticed);
      }
    }
  });
});

describe('LoudnessReader', () => {
  const read = (...lines: string[]) => {
    const reader = new LoudnessReader();
    for (const line of lines) reader.read(line);
    return reader.loudness;
  };
  const summary = '[Parsed_ebur128_4 @ 0x1] [info] Summary:';

  it('reads the last summary, and only a summary', () => {
    expect(read('    I:  -9.0 LUFS')).toEqual({ integratedLufs: null, truePeakDbtp: null });
    const empty = [summary, '    I:         -70.0 LUFS', '    Peak:       -inf dBFS'];
    const full = [summary, '    I:         -14.2 LUFS', '    Peak:        0.3 dBFS'];
    expect(read(...empty, ...full)).toEqual({ integratedLufs: -14.2, truePeakDbtp: 0.3 });
    expect(read(...empty)).toEqual({ integratedLufs: null, truePeakDbtp: null });
    expect(read(summary, '    I:  nan LUFS', '    Peak:  nan dBFS')).toEqual(read(...empty));
  });
});

describe('channelsOfLayout', () => {
  it.each([
    ['mono', 1],
    ['stereo', 2],
    ['2.1', 3],
    ['5.1(side)', 6],
    ['7.1(wide-side)', 8],
    ['7.1.4', 12],
    ['22.2', 24],
    ['quad', 4],
    ['6 channels', 6],
    ['1 channels (LFE)', 1],
    ['2 channels (FL+LFE)', 2],
    ['ambisonic 1', 4],
    ['', null],
    ['constructor', null],
  ])('%s', (name, channels) => {
    expect(channelsOfLayout(name)).toBe(channels);
  });

  it('lets nothing into a filter graph that could end an option', () => {
    for (const name of ['stereo,volume=0', 'a;b', "a'b", 'a:b', '6 channels', 'a[b]', 'a\\b']) {
      expect(isPositionedLayout(name)).toBe(false);
    }
  });
});

describe('parseSongTags', () => {
  it('reads back what ffmpeg escapes', () => {
    const escape = (text: string) => text.replace(/[=;#\\\n]/g, '\\$&');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'binary' }),
        (title, comment) => {
          const text = `;FFMETADATA1\ntitle=${escape(title)}\nencoder=x\n[STREAM]\nTITLE=other\nCOMMENT=${escape(comment)}\n`;
          const tags = parseSongTags(text);
          expect(tags.title ?? 'other').toBe(title.trim() || 'other');
          expect(tags.comment ?? '').toBe(comment.trim());
        },
      ),
    );
  });

  it('takes no titles from chapters', () => {
    expect(parseSongTags(';FFMETADATA1\n[CHAPTER]\nSTART=0\ntitle=one\n')).toEqual({});
  });
});

describe('readers of foreign bytes', () => {
  it('never throw', () => {
    const oggLike = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => Buffer.concat([Buffer.from('OggS\0'), bytes]));
    fc.assert(
      fc.property(oggLike, fc.string({ unit: 'binary' }), (bytes, text) => {
        expect(Array.isArray(oggPackets(bytes))).toBe(true);
        expect(typeof parseSongTags(text)).toBe('object');
        const report = new InputReportReader('x');
        for (const line of ["[info] Input #0, mp3, from 'file:x':", text]) report.read(line);
        expect(report.report.container).toBe('mp3');
      }),
    );
  });
});
