/** How samples are made from a file, as an ffmpeg filter graph; its version is part of every embedding's key. */
import { isPositionedLayout } from './channel-layout.ts';
import type { Ffmpeg } from './find-ffmpeg.ts';
import type { AudioInspection } from './inspect-audio.ts';
import { loudnessFilter } from './loudness-report.ts';

/** To be raised whenever the samples change for any file. */
const recipeVersion = 1;

/**
 * A short name of the recipe: embeddings made under different names must not be mixed. All builds with soxr make
 * the same samples and share a name.
 */
export function decodeRecipe(ffmpeg: Pick<Ffmpeg, 'resampler'>): string {
  return `${recipeVersion}-${ffmpeg.resampler}`;
}

export interface GraphPlan {
  resampler: Ffmpeg['resampler'];
  source: Pick<AudioInspection, 'probe' | 'framesToKeep' | 'channelLayout'>;
  sampleRateHz: number;
  /** Samples at `sampleRateHz` after which nothing is needed any more. */
  endSample: number;
  /** Also measure the whole song: loudness, and all its samples as 16 bit to `pipe:3`. */
  measure: boolean;
}

/** The filter graph and the outputs: mono float32 on `pipe:1`, with `measure` all channels as 16 bit on `pipe:3`. */
export function decodeArguments(plan: GraphPlan): string[] {
  const head = `[0:a:0]${sourceFilters(plan)}`;
  const window = `${windowFilters(plan)}[window]`;
  const windowOutput = ['-map', '[window]', '-c:a', 'pcm_f32le', '-f', 'f32le', 'pipe:1'];
  if (!plan.measure) return ['-filter_complex', `${head},${window}`, ...windowOutput];

  // Loudness needs to know where the channels stand; a song of unnamed channels has none.
  const hasLoudness = isPositionedLayout(plan.source.channelLayout) && plan.source.probe.channels <= 8;
  const graph = [
    `${head},asplit=${hasLoudness ? 3 : 2}[toWindow][whole]${hasLoudness ? '[toLoudness]' : ''}`,
    `[toWindow]${window}`,
    ...(hasLoudness ? [`[toLoudness]${loudnessFilter},anullsink`] : []),
  ].join(';');
  const wholeOutput = ['-map', '[whole]', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:3'];
  return ['-filter_complex', graph, ...windowOutput, ...wholeOutput];
}

/** Exactly the song's samples as float, in one rate and layout even where the stream changes midway. */
function sourceFilters({ source }: GraphPlan): string {
  const { probe, framesToKeep, channelLayout } = source;
  const trim = framesToKeep === null ? '' : `atrim=end_sample=${framesToKeep},`;
  const layout = isPositionedLayout(channelLayout) ? `:channel_layouts=${channelLayout}` : '';
  return `${trim}aformat=sample_fmts=fltp:sample_rates=${probe.sampleRateHz}${layout}`;
}

/** The plain mean of all channels (a named downmix would weight them), resampled, up to the window's end. */
function windowFilters({ source, resampler, sampleRateHz, endSample }: GraphPlan): string {
  const { channels, sampleRateHz: sourceRateHz } = source.probe;
  const gain = 1 / channels;
  const mean = Array.from({ length: channels }, (_, channel) => `${gain}*c${channel}`).join('+');
  const options = resampler === 'soxr' ? soxrOptions : swrOptions(sourceRateHz, sampleRateHz);
  return `pan=mono|c0=${mean},aresample=${sampleRateHz}:${options},atrim=end_sample=${endSample}`;
}

/** 20 bits is soxr's "high quality", which the reference uses: with it the samples are the same bit for bit. */
const soxrOptions = 'resampler=soxr:precision=20';

/** The filter length and edge that come closest to soxr: 56 dB and more on the parity cases. */
function swrOptions(sourceRateHz: number, targetRateHz: number): string {
  const cutoff = (0.957 * Math.min(1, sourceRateHz / targetRateHz)).toFixed(6);
  return `resampler=swr:filter_size=192:exact_rational=1:filter_type=kaiser:kaiser_beta=12:cutoff=${cutoff}`;
}
