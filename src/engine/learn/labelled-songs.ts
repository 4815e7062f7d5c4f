/** Reads which songs of a folder a CSV file labels, with bounded memory however long the file is. */
import { BangerError } from '../../shared/errors.ts';
import type { CsvSource } from '../../shared/data-source.ts';
import type { LabelScale } from '../../shared/head-card.ts';
import { AudioNames } from './audio-names.ts';
import { type CsvLayout, findCsvLayout, maximumHeaderRows } from './csv-layout.ts';
import { readCsvRows } from './read-csv.ts';
import { type LabelProblem, noteProblems, readLabelValue, scaleLabels } from './scale-labels.ts';

export interface LabelledSong {
  /** As the table names it. */
  name: string;
  /** Absolute path. */
  file: string;
  /** What the table states. */
  value: number;
  /** 0..10. */
  label: number;
  genre: string | null;
}

export interface LabelledSongs {
  songs: LabelledSong[];
  labelName: string;
  scale: LabelScale;
  /** What was left out and why, one sentence each. */
  notes: string[];
}

/**
 * Goes through the file once. Labels are scaled over every row with a value, as the reference does, also those
 * whose song is not in the folder.
 *
 * @param files the songs of the audio folder
 * @throws BangerError `data-unusable` where nothing can be learned from it, and what `readCsvRows` throws
 */
export async function readLabelledSongs(
  source: CsvSource,
  files: Iterable<string>,
  signal?: AbortSignal,
): Promise<LabelledSongs> {
  const reading = new TableReading(source, new AudioNames(source.audioFolder, files));
  for await (const row of readCsvRows(source.file, signal)) reading.add(row);
  return reading.finish();
}

class TableReading {
  readonly #source: CsvSource;
  readonly #names: AudioNames;
  readonly #head: string[][] = [];
  #layout: CsvLayout | null = null;
  readonly #songs = new Map<string, Omit<LabelledSong, 'label'>>();
  readonly #problems = new Map<LabelProblem, number>();
  #minimum = Infinity;
  #maximum = -Infinity;
  #labelledRows = 0;
  #otherRows = 0;
  #missingFiles = 0;
  #repeated = 0;

  constructor(source: CsvSource, names: AudioNames) {
    this.#source = source;
    this.#names = names;
  }

  add(row: string[]): void {
    if (this.#layout !== null) {
      this.#addSong(row, this.#layout);
      return;
    }
    this.#head.push(row);
    if (this.#head.length === maximumHeaderRows) this.#endHead();
  }

  finish(): LabelledSongs {
    const layout = this.#layout ?? this.#endHead();
    const { scale: method } = this.#source;
    if (this.#songs.size === 0) throw this.#nothingUsable(layout);
    const scale: LabelScale =
      method === 'none'
        ? { method, minimum: null, maximum: null }
        : { method, minimum: this.#minimum, maximum: this.#maximum };
    const songs = [...this.#songs.values()];
    const labels = scaleLabels(
      songs.map(({ value }) => value),
      scale,
    );
    return {
      songs: songs.map((song, row) => ({ ...song, label: labels[row] ?? NaN })),
      labelName: layout.labelName,
      scale,
      notes: this.#notes(layout),
    };
  }

  #endHead(): CsvLayout {
    if (this.#head.length === 0) {
      throw new BangerError('data-unusable', 'The CSV file is empty.', { file: this.#source.file });
    }
    const layout = findCsvLayout(this.#head, this.#source);
    this.#layout = layout;
    for (const row of this.#head.slice(layout.headerRows)) this.#addSong(row, layout);
    return layout;
  }

  #addSong(row: readonly string[], layout: CsvLayout): void {
    if (layout.only !== null && layout.onlyValue !== null && row[layout.only]?.trim() !== layout.onlyValue) {
      this.#otherRows += 1;
      return;
    }
    const value = readLabelValue(row[layout.label] ?? '', this.#source.scale, this.#source.keepsZero);
    if (typeof value === 'string') {
      this.#problems.set(value, (this.#problems.get(value) ?? 0) + 1);
      return;
    }
    this.#labelledRows += 1;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    const cell = row[layout.song] ?? '';
    const file = layout.isTrackNumber ? this.#names.findTrack(cell) : this.#names.find(cell);
    if (file === null) {
      this.#missingFiles += 1;
    } else if (this.#songs.has(file)) {
      this.#repeated += 1;
    } else {
      const genre = layout.genre === null ? '' : (row[layout.genre]?.trim() ?? '');
      this.#songs.set(file, { name: cell.trim(), file, value, genre: genre === '' ? null : genre });
    }
  }

  #notes({ onlyValue }: CsvLayout): string[] {
    const notes = noteProblems(this.#problems);
    if (this.#otherRows > 0)
      notes.push(`${this.#otherRows} rows are not “${onlyValue ?? ''}” and are left out.`);
    if (this.#missingFiles > 0) {
      notes.push(
        `${this.#missingFiles} of ${this.#labelledRows} rows with a label have no file in the folder.`,
      );
    }
    if (this.#repeated > 0) notes.push(`${this.#repeated} rows name a song again; the first counts.`);
    return notes;
  }

  #nothingUsable(layout: CsvLayout): BangerError {
    const reason =
      this.#labelledRows === 0
        ? `no row has a usable value in the column “${layout.labelName}”`
        : `no row names a song of the folder`;
    return new BangerError('data-unusable', `There is nothing to learn from: ${reason}.`, {
      file: this.#source.file,
      nextStep: this.#notes(layout).join(' '),
    });
  }
}
