/** Reads what ffmpeg's messages say about its input: container, duration, streams. */

/** What ffmpeg reported; the defaults mean "said nothing". */
export interface InputReport {
  container: string | null;
  durationSeconds: number | null;
  /** When the stream's clock starts; other than 0 in recordings cut from a running broadcast. */
  startSeconds: number;
  /** True where ffmpeg guessed the duration from the bit rate. */
  durationIsEstimated: boolean;
  hasAudio: boolean;
  /** True where there are moving pictures; a cover does not count. */
  hasVideo: boolean;
  sampleFormat: string | null;
}

/** Feed it every line of `-loglevel level+info` messages, then read `report`. */
export class InputReportReader {
  readonly report: InputReport = {
    container: null,
    durationSeconds: null,
    startSeconds: 0,
    durationIsEstimated: false,
    hasAudio: false,
    hasVideo: false,
    sampleFormat: null,
  };
  #place: 'before' | 'inside' | 'after' = 'before';
  #linesToSkip: number;

  /** @param fileName the name given to ffmpeg; its line feeds make lines that only look like a report's */
  constructor(fileName: string) {
    this.#linesToSkip = fileName.split('\n').length - 1;
  }

  read(line: string): void {
    if (line.includes('Estimating duration from bitrate')) this.report.durationIsEstimated = true;
    if (this.#place === 'after') return;
    if (this.#place === 'before') {
      const container = /^\[info\] Input #0, (.+?), from '/.exec(line)?.[1];
      if (container === undefined) return;
      this.report.container = container;
      this.#place = 'inside';
    } else if (this.#linesToSkip > 0) {
      this.#linesToSkip -= 1;
    } else if (/^\[info\] (?:Output #|Stream mapping:)/.test(line)) {
      this.#place = 'after';
    } else {
      this.#readInside(line);
    }
  }

  #readInside(line: string): void {
    const times = /^\[info\] {3}Duration: (?:N\/A|(\d+):(\d+):([\d.]+))(?:, start: (-?[\d.]+))?/.exec(line);
    if (times !== null) {
      const [, hours, minutes, seconds, start] = times;
      if (seconds !== undefined) {
        this.report.durationSeconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      }
      this.report.startSeconds = Number(start ?? 0);
      return;
    }
    const kind = /^\[info\] {3,5}Stream #0:\d+[^ ]*: (Audio|Video): /.exec(line)?.[1];
    if (kind === 'Video' && !line.includes('(attached pic)')) this.report.hasVideo = true;
    if (kind === 'Audio' && !this.report.hasAudio) {
      this.report.hasAudio = true;
      this.report.sampleFormat = / Hz, .*?\b((?:u8|s16|s32|s64|flt|dbl)p?)\b/.exec(line)?.[1] ?? null;
    }
  }
}
