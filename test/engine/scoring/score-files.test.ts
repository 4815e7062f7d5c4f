/** The pipeline over real files and the real inference process: crashes, changes underfoot, an early end. */
import { appendFileSync, chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findFfmpeg, type Ffmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { launchInferenceProcess } from '../../../src/engine/inference/inference-channel.ts';
import type { LaunchInference } from '../../../src/engine/inference/inference-channel.ts';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { prepareHead } from '../../../src/engine/models/prepared-head.ts';
import { scoreFiles } from '../../../src/engine/scoring/score-files.ts';
import { SongScorer, type ScoredSong } from '../../../src/engine/scoring/song-scorer.ts';
import { referenceWindow } from '../../../src/shared/audio.ts';
import type { ScoringProgress } from '../../../src/shared/song-result.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { makeSound } from '../../support/make-audio.ts';
import { parityFolder } from '../../support/parity.ts';
import { isRunning } from '../../support/processes.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const songAt = useSongFolder();
const inFolder = useFreshFolder();
const songs = ['a.wav', 'b.wav', 'c.wav'].map((name) => songAt(name));
let ffmpeg: Ffmpeg;
let library: Library;
const clients: InferenceClient[] = [];

beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  for (const [index, song] of songs.entries()) await makeSound(song, `sine=f=${300 + 70 * index}:d=1`);
});
beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  library.close();
});

interface ScorerChoice {
  launch?: LaunchInference;
  ffmpegPath?: string;
  /** A checkpoint's folder; the draft if left out. */
  encoderFolder?: string;
}

async function makeScorer({ launch, ffmpegPath, encoderFolder }: ScorerChoice = {}): Promise<SongScorer> {
  const inference = new InferenceClient(launch && { launch });
  clients.push(inference);
  const options = { cacheFolder: inFolder('cache') };
  const weightsFiles = [join(encoderFolder ?? '', 'model.safetensors')];
  const encoder = await prepareEncoder(
    encoderFolder === undefined
      ? { source: 'built-in', id: 'draft' }
      : { source: 'folder', id: 'tiny', folder: encoderFolder, weightsFiles },
    options,
  );
  const head = await prepareHead(
    encoderFolder === undefined
      ? { source: 'built-in', id: 'draft', encoderId: 'draft' }
      : { source: 'file', id: 'head', file: join(encoderFolder, 'head.pt'), encoderId: null },
    options,
  );
  return new SongScorer({
    ffmpeg: { ...ffmpeg, path: ffmpegPath ?? ffmpeg.path },
    inference,
    encoder,
    head,
    library,
    window: referenceWindow,
    precision: 'fp32',
    provider: 'cpu',
  });
}

async function scoreAll(
  scorer: SongScorer,
  paths: readonly string[] = songs,
  onProgress?: (progress: ScoringProgress) => void,
): Promise<ScoredSong[]> {
  const scored: ScoredSong[] = [];
  for await (const song of scoreFiles(scorer, paths, { aheadCount: 2, onProgress })) scored.push(song);
  return scored;
}

const outcomes = (scored: readonly ScoredSong[]) =>
  scored.map(({ result }) => result.error?.code ?? 'scored');

/**
 * Launches real processes that are killed the moment they are told to do something.
 *
 * @param method what they are told
 * @param deadly the numbers of the calls, counted from 0 over all processes, that kill
 */
function launchKilledAt(method: string, deadly: readonly number[]): LaunchInference {
  let calls = 0;
  return () => {
    const channel = launchInferenceProcess();
    return {
      ...channel,
      send: (message) => {
        const isDeadly = Object.values(message as object).includes(method) && deadly.includes(calls++);
        // Killed before it is told, so that it can never answer in time.
        if (isDeadly) channel.kill();
        else channel.send(message);
      },
    };
  };
}

describe('an inference process that is killed', () => {
  test.each(['loadEncoder', 'encode', 'loadHead', 'score'])(
    'once, in “%s”: the song is tried again and the run goes on',
    async (method) => {
      const launch = launchKilledAt(method, method === 'encode' || method === 'score' ? [1] : [0]);
      expect(outcomes(await scoreAll(await makeScorer({ launch })))).toEqual(['scored', 'scored', 'scored']);
    },
  );

  test('twice over one song: that song has failed, the others are fine', async () => {
    const scored = await scoreAll(await makeScorer({ launch: launchKilledAt('encode', [1, 2]) }));
    expect(outcomes(scored)).toEqual(['scored', 'inference-crashed', 'scored']);
    expect(scored[1]?.result.error?.message).toContain('SIGKILL');
    expect(library.files.byPath(songs[1] ?? '')?.file.failure?.error.code).toBe('inference-crashed');
    // A failure of the moment is no verdict: the next run tries again.
    expect(outcomes(await scoreAll(await makeScorer()))).toEqual(['scored', 'scored', 'scored']);
    expect(library.files.byPath(songs[1] ?? '')?.file.failure).toBeNull();
  });

  test('at every start ends the run, since no song can be scored', async () => {
    const launch = launchKilledAt('loadEncoder', [0, 1, 2, 3, 4, 5]);
    await expect(scoreAll(await makeScorer({ launch }))).rejects.toMatchObject({ code: 'model-unusable' });
  });
});

describe('what changes while it is read', () => {
  /** An ffmpeg that adds a byte to every song whose name begins with `changing`. */
  function makeMeddlingFfmpeg(): string {
    const program = inFolder('meddling-ffmpeg');
    writeFileSync(
      program,
      `#!/bin/sh\nfor a in "$@"; do case "$a" in file:changing*) printf x >> "\${a#file:}" ;; esac; done\n` +
        `exec '${ffmpeg.path}' "$@"\n`,
    );
    chmodSync(program, 0o755);
    return program;
  }

  test('a song is not scored, and keeps nothing of it', async () => {
    const changing = songAt('changing.wav');
    cpSync(songs[0] ?? '', changing);
    const scorer = await makeScorer({ ffmpegPath: makeMeddlingFfmpeg() });
    expect(outcomes(await scoreAll(scorer, [changing, songs[1] ?? '']))).toEqual(['file-changed', 'scored']);
    expect(library.stats().embeddings).toBe(1);
    expect(outcomes(await scoreAll(await makeScorer(), [changing]))).toEqual(['scored']);
  });

  test('an encoder ends the run before anything is stored under its name', async () => {
    const folder = inFolder('encoder');
    cpSync(join(parityFolder, 'encoders', 'tiny-330m-like'), folder, { recursive: true });
    const scorer = await makeScorer({ encoderFolder: folder });
    const run = scoreFiles(scorer, songs, { aheadCount: 2 });
    expect((await run.next()).value).toMatchObject({ result: { error: null } });
    const weights = join(folder, 'model.safetensors');
    const bytes = readFileSync(weights);
    bytes.writeFloatLE(0.5, bytes.length - 400);
    writeFileSync(weights, bytes);
    await expect(run.next()).rejects.toMatchObject({ code: 'checkpoint-changed' });
    expect(library.stats().embeddings).toBe(1);
  });
});

describe('a run', () => {
  test('tells how far it is, in the order of the files', async () => {
    const progress: ScoringProgress[] = [];
    const paths = [...songs, songAt('missing.wav')];
    const scored = await scoreAll(await makeScorer(), paths, (step) => progress.push(step));
    expect(outcomes(scored)).toEqual(['scored', 'scored', 'scored', 'file-missing']);
    expect(
      progress.map(({ done, total, failed, cached, path }) => [done, total, failed, cached, path]),
    ).toEqual(paths.map((path, index) => [index + 1, 4, index === 3 ? 1 : 0, 0, path]));
    expect(progress.every(({ songsPerSecond }) => songsPerSecond !== null && songsPerSecond > 0)).toBe(true);
    expect(progress.at(-1)?.etaSeconds).toBe(0);
  });

  test('that is left early ends what was being decoded', async () => {
    const program = inFolder('stuck-ffmpeg');
    const pids = inFolder('pids');
    writeFileSync(
      program,
      `#!/bin/sh\ncase "$*" in *file:b.wav*|*file:c.wav*) echo $$ >> '${pids}'; sleep 3600 ;; esac\n` +
        `exec '${ffmpeg.path}' "$@"\n`,
    );
    chmodSync(program, 0o755);
    appendFileSync(pids, '');
    for await (const { result } of scoreFiles(await makeScorer({ ffmpegPath: program }), songs, {
      aheadCount: 2,
    })) {
      expect(result.error).toBeNull();
      break;
    }
    const started = readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
    expect(started.length).toBeGreaterThan(0);
    expect(started.filter(isRunning)).toEqual([]);
  });

  test('that was cancelled before it began reads nothing', async () => {
    const scorer = await makeScorer();
    const run = scoreFiles(scorer, songs, { aheadCount: 2, signal: AbortSignal.abort() });
    await expect(run.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(library.stats().files).toBe(0);
  });
});
