/** A library of many made-up songs with embeddings of full length, made once and kept below the temporary folder. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Library } from '../src/engine/library/library.ts';
import { openLibrary } from '../src/engine/library/open-library.ts';
import { schemaVersion } from '../src/engine/library/schema-version.ts';
import { referenceWindow } from '../src/shared/audio.ts';
import type { EmbeddingSpace } from '../src/shared/library.ts';
import { clampScore } from '../src/shared/score.ts';
import { randomValues } from './random-weights.ts';

/** Length of MERT-v1-330M's embeddings. */
export const embeddingSize = 1024;

const songsAtOnce = 1000;
const startMs = Date.UTC(2026, 0, 1);
const genres = ['ambient', 'techno', 'house', 'drum and bass', 'lo-fi', 'synthwave', 'jazz', 'folk'];
const keys = ['A minor', 'C major', 'F# minor', 'G major', 'E minor', 'D major'];
const words = (
  'night rain neon piano slow dark bright synth guitar drums female male choir epic cinematic chill fast swing ' +
  'strings warm cold distant echo analog granular bass lead pad arpeggio vocal whisper storm river 夜曲 東京 雨 город'
).split(' ');

export interface BenchLibrary {
  file: string;
  songs: number;
}

/** The library with that many songs, made where it is not there yet: minutes for 100,000 songs. */
export function ensureBenchLibrary(songs: number): BenchLibrary {
  const folder = path.join(os.tmpdir(), 'banger-bench');
  const file = path.join(folder, `library-${songs}-v${schemaVersion}.sqlite`);
  if (fs.existsSync(file)) return { file, songs };
  fs.mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}.partial`;
  let nowMs = startMs;
  const library = openLibrary(unfinished, { now: () => nowMs });
  try {
    for (let start = 0; start < songs; start += songsAtOnce) {
      library.transaction(() => {
        for (let index = start; index < Math.min(songs, start + songsAtOnce); index += 1) {
          // A song a minute at night, and nothing by day.
          nowMs = startMs + Math.floor(index / 500) * 86_400_000 + (index % 500) * 60_000;
          addSong(library, index, nowMs);
        }
      });
      if (start % 10_000 === 0) process.stderr.write(`Making the library: ${start} of ${songs} songs\n`);
    }
  } finally {
    library.close();
  }
  fs.renameSync(unfinished, file);
  return { file, songs };
}

/** The space that the made-up embeddings are in. */
export function benchSpace(library: Library): EmbeddingSpace {
  const encoder = library.encoders.register(modelOf('bench-encoder', false));
  return { encoderId: encoder.id, decodeRecipe: 'bench', window: referenceWindow, precision: 'fp32' };
}

function modelOf(name: string, isDraft: boolean) {
  return { name, label: name, sha256: sha256(name), embeddingSize, isDraft };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function addSong(library: Library, index: number, nowMs: number): void {
  const random = randomValues(`song ${index}`, embeddingSize + 64);
  let drawn = embeddingSize;
  const draw = (count: number) => Math.floor(((random[drawn++] ?? 0) + 1) * 0.5 * count) % count;
  const pick = <Value>(values: readonly Value[]) => values[draw(values.length)] as Value;
  const prompt = Array.from({ length: 14 }, () => pick(words)).join(' ');
  const { songId } = library.files.record({
    stamp: {
      path: `/music/generated/night ${Math.floor(index / 500)}/take ${index} ${pick(words)}.mp3`,
      sizeBytes: 4_000_000 + index,
      mtimeNs: BigInt(nowMs) * 1_000_000n,
    },
    identities: [{ scheme: 1, hash: sha256(`audio ${index}`) }],
    probe: {
      container: 'mp3',
      codec: 'mp3',
      sampleRateHz: 44_100,
      channels: 2,
      sampleFormat: 'fltp',
      durationSeconds: 60 + draw(240),
      tags: { title: `${pick(words)} ${pick(words)}`, artist: `Artist ${draw(100)}`, genre: pick(genres) },
    },
  });
  library.songs.updateMeasurements(songId, {
    loudness: { integratedLufs: -24 + draw(160) / 10, truePeakDbtp: -1 },
    peaks: new Uint8Array(1600).fill(index),
    flags: draw(20) === 0 ? ['clipped'] : [],
  });
  library.generations.put(songId, {
    generator: 'ace-step-1.5',
    sourceFile: `/music/generated/${index}.json`,
    runKey: null,
    prompt,
    lyrics: null,
    tempoBpm: 60 + draw(120),
    musicalKey: pick(keys),
    timeSignature: '4/4',
    seed: String(index),
    guidanceScale: 7,
    inferenceSteps: 50,
    model: null,
    generationSeconds: 20,
    raw: '{}',
  });
  if (draw(10) === 0) {
    const verdict = pick(['keep', 'reject', 'undecided'] as const);
    library.verdicts.put(songId, { verdict, stars: draw(6), note: '', changedAtMs: nowMs });
  }
  if (draw(20) === 0) library.files.markMissing([library.files.ofSong(songId)[0]?.path ?? '']);
  const head = library.heads.register(modelOf('bench-head', false));
  const key = { ...benchSpace(library), songId };
  // Means over time point nearly the same way: a large common part, a small one of the song's own.
  const vector = random.slice(0, embeddingSize).map((value, position) => Math.sin(position) + 0.3 * value);
  library.embeddings.put(key, vector, 'cpu');
  const rawScore = 5 + 4 * (random[0] ?? 0) + (random[1] ?? 0) * 2;
  library.scores.put(key, head.id, { rawScore, score: clampScore(rawScore) });
}
