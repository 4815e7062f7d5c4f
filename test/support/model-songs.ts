/** Songs of every kind as plain objects, and the same songs in a library, so that both can be asked and compared. */
import type { Library } from '../../src/engine/library/library.ts';
import type { SongFlag } from '../../src/shared/audio.ts';
import type { EmbeddingSpace } from '../../src/shared/library.ts';
import type { RankingKey, Verdict } from '../../src/shared/song-query.ts';
import { fileWith, modelNamed, sampleProbe, spaceOf, vectorFor } from './library-samples.ts';

export interface ModelFile {
  path: string;
  isMissing: boolean;
}

export interface ModelSong {
  /** Given by the library when it was stored. */
  id: number;
  files: ModelFile[];
  title: string | null;
  artist: string | null;
  genre: string | null;
  durationSeconds: number;
  loudnessLufs: number | null;
  flags: SongFlag[];
  verdict: Verdict;
  stars: number;
  note: string;
  prompt: string | null;
  tempoBpm: number | null;
  musicalKey: string | null;
  generator: 'ace-step-1.5' | 'musicgen' | null;
  /** Tempo and key as measured, null where nobody measured. */
  measured: { tempoBpm: number | null; musicalKey: string | null } | null;
  score: number | null;
  draftScore: number | null;
  addedAtMs: number;
}

const words = [
  'Night',
  'rain',
  'NEON',
  'zwölf',
  'über',
  '夜曲',
  '雨',
  'город',
  '100%',
  'a_b',
  "it's",
  '(x)',
  'C#',
];
const folders = ['/music', '/music/a', '/music/a%b', '/music/a_b', '/music/ab', '/musik/夜', '/music/a/deep'];

/** Values that repeat for the same seed. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 up to but not including `count`. */
  roll(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * count);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.roll(values.length)] as Value;
  }

  maybe<Value>(value: () => Value): Value | null {
    return this.roll(4) === 0 ? null : value();
  }

  phrase(): string {
    return Array.from({ length: 1 + this.roll(3) }, () => this.pick(words)).join(' ');
  }
}

/** Tempo and key that count: what the generator says comes first, then what was measured. */
export function soundOf({ generator, measured, tempoBpm, musicalKey }: ModelSong) {
  const said = generator === null ? { tempoBpm: null, musicalKey: null } : { tempoBpm, musicalKey };
  return {
    tempoBpm: said.tempoBpm ?? measured?.tempoBpm ?? null,
    musicalKey: said.musicalKey ?? measured?.musicalKey ?? null,
  };
}

/** Songs with few different values, so that there are many ties. */
export function makeModelSongs(count: number, seed = 1): ModelSong[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, (_, index) => ({
    id: 0,
    files: Array.from({ length: 1 + (dice.roll(5) === 0 ? 1 : 0) }, (_file, copy) => ({
      path: `${dice.pick(folders)}/${dice.phrase().replaceAll('/', '')} ${index}-${copy}.mp3`,
      isMissing: dice.roll(6) === 0,
    })),
    title: dice.maybe(() => dice.phrase()),
    artist: dice.maybe(() => dice.pick(words)),
    genre: dice.maybe(() => dice.pick(['ambient', 'Ambient', 'rock', '夜'])),
    durationSeconds: 10 * (1 + dice.roll(5)),
    loudnessLufs: dice.maybe(() => -20 + dice.roll(8)),
    flags: dice.roll(3) === 0 ? [dice.pick(['silent', 'clipped', 'cut-off'] as const)] : [],
    verdict: dice.pick(['keep', 'reject', 'undecided', 'undecided']),
    stars: dice.roll(6),
    note: dice.roll(3) === 0 ? 'a note' : '',
    prompt: dice.maybe(() => dice.phrase()),
    tempoBpm: dice.maybe(() => 80 + 10 * dice.roll(6)),
    musicalKey: dice.maybe(() => dice.pick(['A minor', 'C major', 'F# major'])),
    generator: dice.maybe(() => dice.pick(['ace-step-1.5', 'musicgen'] as const)),
    measured: dice.maybe(() => ({
      tempoBpm: dice.maybe(() => 75 + 10 * dice.roll(6)),
      musicalKey: dice.maybe(() => dice.pick(['A minor', 'G major'])),
    })),
    score: dice.maybe(() => dice.roll(12)),
    draftScore: dice.maybe(() => dice.roll(3)),
    addedAtMs: 1_700_000_000_000 + 60_000 * dice.roll(3000),
  }));
}

export interface ModelRankings {
  model: RankingKey;
  draft: RankingKey;
}

/**
 * Stores songs as the product would, and gives them the ids that the library gave.
 *
 * @param setNow sets the library's clock
 */
export function storeModelSongs(
  library: Library,
  songs: ModelSong[],
  setNow: (nowMs: number) => void,
): ModelRankings {
  const encoder = library.encoders.register(modelNamed('encoder'));
  const draftEncoder = library.encoders.register({ ...modelNamed('draft encoder'), isDraft: true });
  const head = library.heads.register(modelNamed('head'));
  const draftHead = library.heads.register({ ...modelNamed('draft head'), isDraft: true });
  const score = (space: EmbeddingSpace, headId: number, songId: number, value: number | null) => {
    if (value === null) return;
    const key = { ...space, songId };
    library.embeddings.put(key, vectorFor(songId), 'cpu');
    library.scores.put(key, headId, { rawScore: value, score: Math.min(10, value) });
  };
  library.transaction(() => {
    for (const [index, song] of songs.entries()) {
      setNow(song.addedAtMs);
      const mtimeNs = BigInt(song.addedAtMs) * 1_000_000n;
      for (const { path } of song.files) {
        const { title, artist, genre } = song;
        const tags = Object.fromEntries(
          Object.entries({ title, artist, genre }).filter(([, value]) => value !== null),
        );
        song.id = library.files.record({
          ...fileWith(`song ${index}`, path, { mtimeNs }),
          probe: { ...sampleProbe, durationSeconds: song.durationSeconds, tags },
        }).songId;
      }
      library.files.markMissing(song.files.filter(({ isMissing }) => isMissing).map(({ path }) => path));
      library.songs.updateMeasurements(song.id, {
        loudness: { integratedLufs: song.loudnessLufs, truePeakDbtp: null },
        peaks: new Uint8Array(),
        flags: song.flags,
      });
      const { verdict, stars, note } = song;
      library.verdicts.put(song.id, { verdict, stars, note, changedAtMs: song.addedAtMs });
      if (song.generator !== null) library.generations.put(song.id, generationOf(song, song.generator));
      if (song.measured !== null) {
        const confidences = { tempoConfidence: 0.5, keyConfidence: 0.5 };
        library.soundAnalyses.put(song.id, 1, { ...song.measured, ...confidences });
      }
      score(spaceOf(encoder.id), head.id, song.id, song.score);
      score(spaceOf(draftEncoder.id), draftHead.id, song.id, song.draftScore);
    }
  });
  const [model, draft] = [false, true].map((isDraft) =>
    library.rankings.list().find((ranking) => ranking.isDraft === isDraft),
  );
  if (model === undefined || draft === undefined) throw new Error('both rankings need scores');
  return {
    model: { spaceId: model.spaceId, headId: model.headId },
    draft: { spaceId: draft.spaceId, headId: draft.headId },
  };
}

function generationOf(song: ModelSong, generator: 'ace-step-1.5' | 'musicgen') {
  return {
    generator,
    sourceFile: '/music/song.json',
    runKey: null,
    prompt: song.prompt,
    lyrics: null,
    tempoBpm: song.tempoBpm,
    musicalKey: song.musicalKey,
    timeSignature: null,
    seed: '1',
    guidanceScale: null,
    inferenceSteps: null,
    model: null,
    generationSeconds: null,
    raw: '{}',
  };
}
