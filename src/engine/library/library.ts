/** The library: every song that was ever met and everything that was computed about it, in one SQLite file. */
import type { Backup } from '../../shared/library-care.ts';
import type { LibraryStats } from '../../shared/library.ts';
import { backUpLibrary, type BackUpOptions } from './back-up-library.ts';
import { LibraryCare } from './library-care.ts';
import { sizeOrZero } from './library-file.ts';
import type { Connection, Statement } from './sqlite-connection.ts';
import { ScoredSongsReader } from './query/scored-songs.ts';
import { SongLists } from './query/song-lists.ts';
import { BatchesTable } from './tables/batches-table.ts';
import { ChangesTable } from './tables/changes-table.ts';
import { ComparisonsTable } from './tables/comparisons-table.ts';
import { EmbeddingsTable } from './tables/embeddings-table.ts';
import { ExportedFilesTable } from './tables/exported-files-table.ts';
import { FilesTable } from './tables/files-table.ts';
import { GenerationsTable } from './tables/generations-table.ts';
import { HistoryTable } from './tables/history-table.ts';
import { JobsTable } from './tables/jobs-table.ts';
import { ModelsTable } from './tables/models-table.ts';
import { PlaysTable } from './tables/plays-table.ts';
import { RankingsTable } from './tables/rankings-table.ts';
import { SavedFiltersTable } from './tables/saved-filters-table.ts';
import { ScoresTable } from './tables/scores-table.ts';
import { SettingsTable } from './tables/settings-table.ts';
import { SongsTable } from './tables/songs-table.ts';
import { SoundAnalysesTable } from './tables/sound-analyses-table.ts';
import { WatchedFoldersTable } from './tables/watched-folders-table.ts';
import { SpaceStatisticsTable } from './tables/space-statistics-table.ts';
import { SpacesTable } from './tables/spaces-table.ts';
import { VerdictsTable } from './tables/verdicts-table.ts';

/**
 * An open library. Every method is synchronous and may throw a BangerError with a `library-…` code or
 * `disk-full`; what a method wrote is safe against a crash of the process from the moment it returns.
 */
export class Library {
  /** Path of the database. */
  readonly file: string;
  /** What a person should know about how this library is kept, one sentence each. */
  readonly notices: readonly string[];

  readonly songs: SongsTable;
  readonly files: FilesTable;
  readonly encoders: ModelsTable;
  readonly heads: ModelsTable;
  readonly embeddings: EmbeddingsTable;
  readonly scores: ScoresTable;
  readonly settings: SettingsTable;
  readonly changes: ChangesTable;
  readonly rankings: RankingsTable;
  readonly batches: BatchesTable;
  readonly lists: SongLists;
  readonly scoredSongs: ScoredSongsReader;
  readonly savedFilters: SavedFiltersTable;
  readonly comparisons: ComparisonsTable;
  readonly care: LibraryCare;
  readonly jobs: JobsTable;
  readonly watchedFolders: WatchedFoldersTable;
  readonly generations: GenerationsTable;
  readonly soundAnalyses: SoundAnalysesTable;
  readonly verdicts: VerdictsTable;
  readonly plays: PlaysTable;
  readonly history: HistoryTable;
  readonly exportedFiles: ExportedFilesTable;
  readonly spaceStatistics: SpaceStatisticsTable;

  readonly #connection: Connection;
  readonly #count: Statement<object, Omit<LibraryStats, 'sizeBytes'>>;

  /** @param now the clock, milliseconds since 1970 */
  constructor(connection: Connection, notices: readonly string[], now: () => number) {
    this.file = connection.file;
    this.notices = notices;
    this.settings = new SettingsTable(connection);
    this.changes = new ChangesTable(connection);
    this.rankings = new RankingsTable(connection, now);
    this.batches = new BatchesTable(connection);
    this.songs = new SongsTable(connection, now);
    this.files = new FilesTable(connection, this.songs, this.batches, now);
    this.encoders = new ModelsTable(connection, 'encoders');
    this.heads = new ModelsTable(connection, 'heads');
    const spaces = new SpacesTable(connection);
    this.embeddings = new EmbeddingsTable(connection, spaces, now);
    this.scores = new ScoresTable(
      connection,
      { spaces, rankings: this.rankings, changes: this.changes },
      now,
    );
    this.lists = new SongLists(connection, this);
    this.scoredSongs = new ScoredSongsReader(connection, this.lists, this);
    this.savedFilters = new SavedFiltersTable(connection);
    this.comparisons = new ComparisonsTable(connection, now);
    this.care = new LibraryCare(connection, this.batches);
    this.jobs = new JobsTable(connection, now);
    this.watchedFolders = new WatchedFoldersTable(connection, now);
    this.generations = new GenerationsTable(connection, this.batches);
    this.soundAnalyses = new SoundAnalysesTable(connection, now);
    this.verdicts = new VerdictsTable(connection);
    this.plays = new PlaysTable(connection, now);
    this.history = new HistoryTable(connection, now);
    this.exportedFiles = new ExportedFilesTable(connection, now);
    this.spaceStatistics = new SpaceStatisticsTable(connection);
    this.#connection = connection;
    this.#count = connection.statement(
      `SELECT
         (SELECT count(*) FROM songs) AS songs,
         (SELECT count(*) FROM files) AS files,
         (SELECT count(*) FROM files WHERE missing_since_ms IS NOT NULL) AS missingFiles,
         (SELECT count(*) FROM file_failures) AS failedFiles,
         (SELECT count(*) FROM embeddings) AS embeddings,
         (SELECT count(*) FROM scores) AS scores`,
    );
  }

  /**
   * Runs several changes as one: all are stored, or none when work throws. Keep it short, since other processes
   * cannot write meanwhile; work must not be asynchronous.
   */
  transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
    return this.#connection.write<T>(work);
  }

  stats(): LibraryStats {
    const counts = this.#count.get({}) ?? {
      songs: 0,
      files: 0,
      missingFiles: 0,
      failedFiles: 0,
      embeddings: 0,
      scores: 0,
    };
    return { ...counts, sizeBytes: sizeOrZero(this.file) + sizeOrZero(`${this.file}-wal`) };
  }

  /**
   * Reads the whole database and checks every page, index and reference; seconds per gigabyte.
   *
   * @returns what is wrong with it, one line each; nothing when it is sound
   */
  findDamage(): string[] {
    const damage = this.#connection.findDamage();
    // What a damaged file says about its references means nothing.
    if (damage.length > 0) return damage;
    const dangling = this.#connection.findDangling();
    return dangling.map(({ table, rowId }) => `${table}: row ${rowId ?? '?'} refers to nothing`);
  }

  /** Copies the library while it is in use; see `backUpLibrary`. */
  backUp(options: BackUpOptions = {}): Promise<Backup> {
    return backUpLibrary(this.#connection, options);
  }

  /** Closes the database; again is harmless. */
  close(): void {
    this.#connection.close();
  }
}
