/** Measures tempo and key of the songs that are in the library already, and answers the commands about it. */
import type { SongAnalysisProgress, analysisCommands } from '../shared/analysis-commands.ts';
import { referenceWindow } from '../shared/audio.ts';
import type { CommandHandlers } from '../shared/contract.ts';
import type { EmitEngineEvent } from '../shared/engine-commands.ts';
import { asBangerError, BangerError, type ErrorCode } from '../shared/errors.ts';
import { decodeSong } from './audio/decode-song.ts';
import type { Ffmpeg } from './audio/find-ffmpeg.ts';
import { inspectAudio } from './audio/inspect-audio.ts';
import type { Engine } from './engine.ts';
import { PaceMeter } from './scoring/pace-meter.ts';

export interface AnalyzeSongsOptions {
  /** Whether songs that were measured are measured again. */
  redo?: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: SongAnalysisProgress) => void) | undefined;
}

const sampleRateHz = 24_000;
/** Songs that are looked up at once. */
const pageSize = 200;

type Outcome = 'analyzed' | 'failed' | 'missing';

/** Failures that would meet every song alike. */
const fatalCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['cancelled', 'ffmpeg-missing', 'disk-full'] as const),
  ...(['library-corrupt', 'library-busy', 'library-read-only', 'library-failed'] as const),
]);
/** Failures that mean that a file is not there, or not what it was. */
const goneCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['file-missing', 'file-changed']);

/**
 * Measures all songs that the present detector has not measured, two at a time, each from the first of its files that
 * still holds it. A song that cannot be read is counted and left out; the next call tries it again.
 *
 * @throws BangerError `cancelled`, `ffmpeg-missing`, and what keeps the library from being written
 */
export async function analyzeSongs(
  engine: Engine,
  { redo = false, signal, onProgress }: AnalyzeSongsOptions = {},
): Promise<SongAnalysisProgress> {
  const { soundAnalyses } = engine.library;
  const ffmpeg = await engine.findFfmpeg();
  // No detector has this version: every song is to be measured.
  const wantedVersion = redo ? Number.MAX_SAFE_INTEGER : engine.soundMeter.version;
  const { pending: total } = soundAnalyses.count(wantedVersion);
  const progress: SongAnalysisProgress = {
    ...{ done: 0, total, failed: 0, missing: 0 },
    ...{ songsPerSecond: null, etaSeconds: null },
  };
  const pace = new PaceMeter();
  const ended = new AbortController();
  const songSignal = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  let lastId = 0;
  let page: number[] = [];
  const nextSong = () => {
    if (page.length === 0) page = soundAnalyses.pending(wantedVersion, lastId, pageSize);
    const songId = page.shift();
    lastId = songId ?? lastId;
    return songId;
  };
  const work = async () => {
    for (let songId = nextSong(); songId !== undefined; songId = nextSong()) {
      if (songSignal.aborted) throw cancelled();
      const outcome = await analyzeSong(engine, ffmpeg, songId, songSignal);
      progress.done += 1;
      if (outcome !== 'analyzed') progress[outcome] += 1;
      pace.count();
      progress.songsPerSecond = pace.songsPerSecond();
      const left = Math.max(0, total - progress.done);
      progress.etaSeconds = progress.songsPerSecond === null ? null : left / progress.songsPerSecond;
      onProgress?.({ ...progress });
    }
  };
  const failures: BangerError[] = [];
  const workUntilFailure = () =>
    work().catch((thrown: unknown) => {
      failures.push(asBangerError(thrown));
      ended.abort();
    });
  // One is decoded by ffmpeg while the other is measured. Both have ended before a failure is told.
  await Promise.all([workUntilFailure(), workUntilFailure()]);
  if (failures[0] !== undefined) throw failures[0];
  return { ...progress };
}

async function analyzeSong(
  engine: Engine,
  ffmpeg: Ffmpeg,
  songId: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const { library, soundMeter } = engine;
  let outcome: Outcome = 'missing';
  for (const file of library.files.ofSong(songId)) {
    if (file.missingSinceMs !== null) continue;
    try {
      const inspection = await inspectAudio(ffmpeg, file.path, { signal });
      const owner = library.songs.byIdentity(inspection.identity);
      if (owner?.id !== songId) continue;
      const { samples } = await decodeSong(ffmpeg, file.path, inspection, {
        ...{ window: referenceWindow, sampleRateHz, measure: false, signal },
        // Of a song that is too short to be measured it is kept that nothing was found.
        minimumSamples: 0,
      });
      const measurement = await soundMeter.measure(samples, sampleRateHz, signal);
      library.soundAnalyses.put(songId, soundMeter.version, measurement);
      return 'analyzed';
    } catch (thrown) {
      const { code } = asBangerError(thrown);
      if (fatalCodes.has(code)) throw thrown;
      if (!goneCodes.has(code)) outcome = 'failed';
    }
  }
  return outcome;
}

/** What answers the commands; one measuring at a time. */
export function analysisHandlers(
  engine: Engine,
  emit: EmitEngineEvent = () => undefined,
): CommandHandlers<typeof analysisCommands> {
  let running: { progress: SongAnalysisProgress | null; ended: AbortController } | null = null;
  return {
    'get-song-analysis': () => ({
      ...engine.library.soundAnalyses.count(engine.soundMeter.version),
      progress: running?.progress ?? null,
    }),
    'analyze-songs': async ({ redo }, { signal }) => {
      if (running !== null) throw new BangerError('usage', 'Tempo and key are being measured already.');
      const run = { progress: null as SongAnalysisProgress | null, ended: new AbortController() };
      running = run;
      const signals = signal === undefined ? [run.ended.signal] : [run.ended.signal, signal];
      try {
        return await analyzeSongs(engine, {
          redo,
          signal: AbortSignal.any(signals),
          onProgress: (progress) => {
            run.progress = progress;
            emit({ name: 'song-analysis-progressed', payload: progress });
          },
        });
      } finally {
        running = null;
        emit({ name: 'song-analysis-ended', payload: {} });
      }
    },
    'cancel-song-analysis': () => {
      running?.ended.abort();
      return {};
    },
  };
}

function cancelled(): BangerError {
  return new BangerError('cancelled', 'Measuring tempo and key was cancelled; what was measured stays.');
}
