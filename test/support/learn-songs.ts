/** Songs with labels for the tests of learning: short tones that the encoder tells apart, and a CSV file about them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parityFolder } from './parity.ts';

/** A small encoder in the form of MERT’s, whose embeddings have 64 values. */
export const tinyEncoder = join(parityFolder, 'encoders', 'tiny-330m-like');

const rateHz = 24_000;

/**
 * Writes wav files `song 0.wav` … of a second each, every one with its own pitch and level, and `songs.csv` that
 * labels them by pitch.
 */
export function writeLabelledSongs(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  const rows = ['path,listens,genre'];
  for (let song = 0; song < count; song++) {
    const frequencyHz = 100 + 37 * ((song * 7) % count);
    const name = `song ${song}.wav`;
    writeFileSync(join(folder, name), makeTone(frequencyHz, 0.2 + 0.6 * ((song % 5) / 5)));
    rows.push(`${name},${frequencyHz},${song % 3 === 0 ? 'Rock' : 'Pop'}`);
  }
  writeFileSync(join(folder, 'songs.csv'), `${rows.join('\n')}\n`);
}

/** A second of a tone as a wav file, 16 bits, mono. */
function makeTone(frequencyHz: number, level: number): Buffer {
  const samples = Buffer.alloc(2 * rateHz);
  for (let index = 0; index < rateHz; index++) {
    const value = level * Math.sin((2 * Math.PI * frequencyHz * index) / rateHz);
    samples.writeInt16LE(Math.round(32_767 * value), 2 * index);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(2 * rateHz, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
