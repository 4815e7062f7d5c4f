/** Decodes the window of a song that is encoded, and on the way measures the whole song. */
import type { AudioWindow, Loudness, SongFlag } from '../../shared/audio.ts';
import { BangerError } from '../../shared/errors.ts';
import { readFileHead } from './audio-file.ts';
import { decodeArguments, decodeRecipe } from './decode-recipe.ts';
import type { Ffmpeg } from './find-ffmpeg.ts';
import type { AudioInspection } from './inspect-audio.ts';
import { LoudnessReader } from './loudness-report.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import { WaveformMeter, type WaveformPeaks } from './waveform-meter.ts';
import { WindowCollector } from './window-collector.ts';

/** Under 1 s a song is `short`, and a broken file has too little left to score. */
const shortSeconds = 1;
/** MERT's shortest input that gives a frame. */
const mertMinimumSamples = 400;
/** A song shorter than stated by no more than this is whole: encoders pad, headers round. */
const lossToleranceSeconds = 0.2;

export interface DecodeOptions {
  window: AudioWindow;
  /** Rate of the samples returned; default 24,000. */
  sampleRateHz?: number;
  /** Whether to decode the whole song and measure it; if not, decoding stops at the window's end. */
  measure: boolean;
  /** The fewest samples worth returning; default 400, the least that gives MERT a frame. */
  minimumSamples?: number;
  /** Priority of ffmpeg, in the terms of `os.setPriority`; default that of this process. */
  priority?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Default: a minute and as long as the song plays. */
  timeoutSeconds?: number | undefined;
}

export interface DecodedSong {
  /** The window as mono float32, -1..1 and beyond where the song clips; shorter where the song ends. */
  samples: Float32Array<ArrayBuffer>;
  /** The recipe that made the samples; part of an embedding's key. */
  recipe: string;
  /** How much of the song was decoded: all of it with `measure`, else up to the window's end. */
  decodedSeconds: number;
  /** All flags: those of the inspection, `short`, `cut-off`, and with `measure` also `silent` and `clipped`. */
  flags: SongFlag[];
  /** Of the whole song; null without `measure`. */
  measured: SongMeasures | null;
}

/** What was measured over a whole song. */
export interface SongMeasures {
  loudness: Loudness;
  peaks: WaveformPeaks;
}

/**
 * Decodes one song in one ffmpeg process with bounded memory. The window is counted in resampled samples from the
 * song's start, never sought.
 *
 * A file that breaks while decoding is returned with the flag `cut-off` if at least 1 s was decoded.
 *
 * @throws BangerError `corrupt-audio`, `too-short`, `file-missing`, `ffmpeg-failed`, `timed-out`, `cancelled`
 */
export async function decodeSong(
  ffmpeg: Pick<Ffmpeg, 'path' | 'resampler'>,
  path: string,
  inspection: AudioInspection,
  options: DecodeOptions,
): Promise<DecodedSong> {
  const { window, measure, sampleRateHz = 24_000, minimumSamples = mertMinimumSamples } = options;
  const startSample = Math.round(window.startSeconds * sampleRateHz);
  const collector = new WindowCollector(startSample, Math.round(window.lengthSeconds * sampleRateHz));
  const meter = new WaveformMeter(inspection.probe.channels);
  const loudness = new LoudnessReader();
  let decodeErrors = 0;

  const { exitCode, messages } = await runFfmpeg(ffmpeg.path, {
    path,
    signal: options.signal,
    priority: options.priority,
    timeoutSeconds: options.timeoutSeconds ?? defaultTimeoutSeconds(inspection),
    outputArguments: decodeArguments({
      resampler: ffmpeg.resampler,
      source: inspection,
      sampleRateHz,
      endSample: collector.endSample,
      measure,
    }),
    onOutput: (bytes) => {
      collector.push(bytes);
    },
    onSideOutput: (bytes) => {
      meter.push(bytes);
    },
    onMessage: (line) => {
      loudness.read(line);
      if (isDecodeError(line)) decodeErrors += 1;
    },
  });

  if (exitCode !== 0 && collector.samplesSeen === 0) await refuseOtherCauses(path, messages);
  const failWith = (code: 'corrupt-audio' | 'too-short', message: string, nextStep: string) =>
    new BangerError(code, message, { file: path, nextStep, details: messages });
  if (collector.hasInvalidSamples) {
    throw failWith('corrupt-audio', 'This file holds samples that are no numbers.', 'Make the song again.');
  }

  const decodedSeconds = measure
    ? meter.frames / inspection.probe.sampleRateHz
    : collector.samplesSeen / sampleRateHz;
  const isCutOff =
    inspection.flags.includes('cut-off') ||
    exitCode !== 0 ||
    isShorterThanStated(inspection, decodedSeconds, measure ? null : collector.endSample / sampleRateHz) ||
    (decodeErrors > 0 && !errorsAreJunk(inspection, measure));
  if (isCutOff && decodedSeconds < shortSeconds) {
    throw failWith(
      'corrupt-audio',
      'This file breaks before one second of it is decoded.',
      'Make the song again.',
    );
  }
  const samples = collector.take();
  if (samples.length < minimumSamples) {
    throw failWith(
      'too-short',
      window.startSeconds > 0
        ? 'The song ends before the part that is to be scored.'
        : `The song has only ${samples.length} samples; ${minimumSamples} are needed.`,
      'Leave it out, or choose a part that lies inside the song.',
    );
  }

  const songEnded = measure || collector.samplesSeen < collector.endSample;
  const flags = new Set<SongFlag>(inspection.flags);
  if (measure && meter.isSilent) flags.add('silent');
  if (measure && meter.isClipped) flags.add('clipped');
  if (songEnded && decodedSeconds < shortSeconds) flags.add('short');
  if (isCutOff) flags.add('cut-off');
  return {
    samples,
    recipe: decodeRecipe(ffmpeg),
    decodedSeconds,
    flags: [...flags],
    measured: measure ? { loudness: loudness.loudness, peaks: meter.peaks() } : null,
  };
}

/** Where nothing was decoded: throws if the cause is not the song itself. */
async function refuseOtherCauses(path: string, messages: string): Promise<void> {
  await readFileHead(path, 0);
  const lacks = /No such filter|Unrecognized option|Option .* not found|Unknown encoder|Error setting option/;
  if (!lacks.test(messages)) return;
  throw new BangerError('ffmpeg-failed', 'This ffmpeg lacks something that decoding needs.', {
    file: path,
    nextStep: 'Install a complete build of ffmpeg; `banger doctor` says which one is used.',
    details: messages,
  });
}

/** Containers in which a decoder meets what is not audio (tags in the middle or at the end) and finds its way on. */
const resyncingContainers = new Set(['mp3', 'aac']);

/** Whether the decoder's complaints mean no loss. */
function errorsAreJunk({ probe, exactDurationSeconds }: AudioInspection, measure: boolean): boolean {
  // A WAV that was written to a pipe states no length, and ffmpeg finds every end of one premature.
  if (probe.container === 'wav' && exactDurationSeconds === null) return true;
  return measure && exactDurationSeconds !== null && resyncingContainers.has(probe.container);
}

/** @param decodedUpToSeconds where decoding was stopped on purpose, null where it was not */
function isShorterThanStated(
  { exactDurationSeconds }: AudioInspection,
  decodedSeconds: number,
  decodedUpToSeconds: number | null,
): boolean {
  if (exactDurationSeconds === null) return false;
  const expectedSeconds = Math.min(exactDurationSeconds, decodedUpToSeconds ?? Infinity);
  return decodedSeconds < expectedSeconds - lossToleranceSeconds;
}

/** Whether a line says that a part of the stream was lost; wording differs between ffmpeg's versions. */
function isDecodeError(line: string): boolean {
  return (
    /Error while decoding stream|Error submitting (?:a )?packet to (?:the )?decoder|Decoding error:/.test(
      line,
    ) ||
    /corrupt input packet|Error during demuxing|File ended prematurely|Read error|: Input\/output error$/.test(
      line,
    )
  );
}

/** Generous: decoding runs a hundred times faster than playing even on slow machines. */
function defaultTimeoutSeconds({ probe, sizeBytes }: AudioInspection): number {
  return 60 + Math.max(probe.durationSeconds ?? 0, sizeBytes / 20_000);
}
