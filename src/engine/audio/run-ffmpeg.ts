/** Runs one ffmpeg process on one song: bounded in time, cancellable, its messages kept, its exit awaited. */
import { setPriority } from 'node:os';
import { basename, dirname, resolve } from 'node:path';

import { execa } from 'execa';

import { BangerError } from '../../shared/errors.ts';
import { LineReader } from './line-reader.ts';

/** Demuxers that ffmpeg may use; playlists and everything else that opens further files are not among them. */
const demuxers = 'wav,w64,aiff,flac,mp3,ogg,mov,asf,matroska,wv,aac,caf,tta';
/** No single allocation of ffmpeg beyond this, whatever a header claims. */
const maxAllocationBytes = 512 * 1024 * 1024;
/** How much of ffmpeg's messages an error keeps. */
const maxKeptLines = 60;

export interface FfmpegRun {
  /** The song, by absolute or relative path. */
  path: string;
  /** Everything after the input: maps, filters, outputs. `pipe:1` and `pipe:3` reach the callbacks. */
  outputArguments: readonly string[];
  /** The process is killed after this long. */
  timeoutSeconds: number;
  /** Priority of the process, in the terms of `os.setPriority`; default that of this process. */
  priority?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Receives what ffmpeg writes to `pipe:1`. A throw ends the run and is passed on. */
  onOutput?: (bytes: Buffer) => void;
  /** Receives what ffmpeg writes to `pipe:3`. A throw ends the run and is passed on. */
  onSideOutput?: (bytes: Buffer) => void;
  /** Receives each line of ffmpeg's messages, with its level such as `[info]` in front. */
  onMessage?: (line: string) => void;
}

export interface FfmpegExit {
  exitCode: number;
  /** The last lines of ffmpeg's messages. */
  messages: string;
}

/**
 * Runs ffmpeg over a song and waits for its end, also after a cancel or a time-out.
 *
 * The process works in the song's folder and is given `file:` plus the bare name, so that no name can be taken
 * for an option or a protocol, and long paths do not break ffmpeg's messages.
 *
 * @returns the exit code, which may be other than 0
 * @throws BangerError `cancelled`, `timed-out`, or `ffmpeg-failed` where it could not start or crashed
 */
export async function runFfmpeg(ffmpegPath: string, run: FfmpegRun): Promise<FfmpegExit> {
  const songPath = resolve(run.path);
  if (run.signal?.aborted === true) throw cancelled(songPath);

  const stop = new AbortController();
  const failure: { thrown?: unknown } = {};
  const guarded = (receive: ((bytes: Buffer) => void) | undefined) => (bytes: Buffer) => {
    if (stop.signal.aborted) return;
    try {
      receive?.(bytes);
    } catch (thrown) {
      failure.thrown = thrown;
      stop.abort();
    }
  };

  const lastLines: string[] = [];
  const lines = new LineReader((line) => {
    if (lastLines.push(line) > maxKeptLines) lastLines.shift();
    run.onMessage?.(line);
  });

  const child = execa(
    ffmpegPath,
    [
      ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info'],
      ...['-max_alloc', String(maxAllocationBytes)],
      ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', demuxers],
      ...['-i', `file:${basename(songPath)}`],
      ...run.outputArguments,
    ],
    {
      cwd: dirname(songPath),
      // FFREPORT would make ffmpeg write a log file; colours would spoil its messages.
      env: { FFREPORT: undefined, AV_LOG_FORCE_COLOR: undefined, AV_LOG_FORCE_NOCOLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      buffer: false,
      encoding: 'buffer',
      reject: false,
      timeout: Math.ceil(run.timeoutSeconds * 1000),
      // ffmpeg only writes to our pipes, so nothing is lost by ending it at once.
      killSignal: 'SIGKILL',
      // The program may be a script around ffmpeg, and Ctrl-C in a terminal must reach us, not it.
      killDescendants: true,
      cancelSignal: run.signal === undefined ? stop.signal : AbortSignal.any([run.signal, stop.signal]),
    },
  );
  if (run.priority !== undefined && child.pid !== undefined) lowerPriority(child.pid, run.priority);
  child.stdout.on('data', guarded(run.onOutput));
  child.stderr.on(
    'data',
    guarded((bytes) => {
      lines.push(bytes);
    }),
  );
  child.stdio[3].on('data', guarded(run.onSideOutput));

  const result = await child;
  lines.end();
  const messages = lastLines.join('\n');
  if ('thrown' in failure) throw failure.thrown;
  if (result.isCanceled) throw cancelled(songPath);
  if (result.timedOut) {
    throw new BangerError('timed-out', `ffmpeg did not finish within ${Math.round(run.timeoutSeconds)} s.`, {
      file: songPath,
      nextStep: 'Try again; if it happens again, the file or its drive is likely damaged.',
      details: messages,
    });
  }
  if (result.exitCode === undefined) {
    throw new BangerError(
      'ffmpeg-failed',
      result.signal === undefined ? 'ffmpeg could not be started.' : `ffmpeg crashed (${result.signal}).`,
      {
        file: songPath,
        nextStep: 'Run `banger doctor`, which checks ffmpeg.',
        details: messages || result.originalMessage,
        cause: result.cause,
      },
    );
  }
  return { exitCode: result.exitCode, messages };
}

function lowerPriority(processId: number, priority: number): void {
  try {
    setPriority(processId, priority);
  } catch {
    // It has ended already, or this process itself runs at a lower priority than that.
  }
}

function cancelled(file: string): BangerError {
  return new BangerError('cancelled', 'Cancelled.', { file });
}
