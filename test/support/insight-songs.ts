/** Songs with made-up scores and parameters in a real library, for tests of what scores say. */
import type { Library } from '../../src/engine/library/library.ts';
import { fileWith, modelNamed, sampleProbe, spaceOf, vectorFor } from './library-samples.ts';

/** What differs from song to song; what is left out is not known. */
export interface InsightSong {
  score?: number;
  draftScore?: number;
  genre?: string;
  prompt?: string;
  tempoBpm?: number;
  musicalKey?: string;
  generationSeconds?: number;
  durationSeconds?: number;
  loudnessLufs?: number;
  folder?: string;
  /** Tempo as measured. */
  measuredBpm?: number;
}

/** Stores songs as runs of the product would. @returns their ids in order */
export function storeInsightSongs(library: Library, songs: readonly InsightSong[]): number[] {
  const models = { model: false, draft: true };
  const [model, draft] = Object.entries(models).map(([name, isDraft]) => ({
    space: spaceOf(library.encoders.register({ ...modelNamed(`${name} encoder`), isDraft }).id),
    headId: library.heads.register({ ...modelNamed(`${name} head`), isDraft }).id,
  }));
  if (model === undefined || draft === undefined) throw new Error('both models are needed');
  return library.transaction(() =>
    songs.map((song, index) => {
      const { songId } = library.files.record({
        ...fileWith(`song ${index}`, `${song.folder ?? '/music'}/${index}.wav`),
        probe: {
          ...sampleProbe,
          durationSeconds: song.durationSeconds ?? null,
          tags: song.genre === undefined ? {} : { genre: song.genre },
        },
      });
      library.songs.updateMeasurements(songId, {
        loudness: { integratedLufs: song.loudnessLufs ?? null, truePeakDbtp: null },
        peaks: new Uint8Array(),
        flags: [],
      });
      storeParameters(library, songId, song);
      for (const [{ space, headId }, value] of [
        [model, song.score],
        [draft, song.draftScore],
      ] as const) {
        if (value === undefined) continue;
        library.embeddings.put({ ...space, songId }, vectorFor(songId), 'cpu');
        library.scores.put({ ...space, songId }, headId, { rawScore: value, score: value });
      }
      return songId;
    }),
  );
}

function storeParameters(library: Library, songId: number, song: InsightSong): void {
  const { prompt, tempoBpm, musicalKey, generationSeconds, measuredBpm } = song;
  const found = [prompt, tempoBpm, musicalKey, generationSeconds];
  if (found.some((value) => value !== undefined)) {
    library.generations.put(songId, {
      generator: 'other',
      sourceFile: '/music/song.json',
      runKey: null,
      prompt: prompt ?? null,
      lyrics: null,
      tempoBpm: tempoBpm ?? null,
      musicalKey: musicalKey ?? null,
      timeSignature: null,
      seed: null,
      guidanceScale: null,
      inferenceSteps: null,
      model: null,
      generationSeconds: generationSeconds ?? null,
      raw: '{}',
    });
  }
  if (measuredBpm === undefined) return;
  const measured = { tempoBpm: measuredBpm, musicalKey: null, tempoConfidence: 0.9, keyConfidence: 0 };
  library.soundAnalyses.put(songId, 1, measured);
}
