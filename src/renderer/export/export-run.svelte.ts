/** One export on its way: files first, since a move changes what a playlist names; then the playlist. */
import { asBangerError, hasErrorCode, type BangerError } from '../../shared/errors.ts';
import type { CommandResponse } from '../../shared/call-command.ts';
import type { EngineCommands } from '../../shared/engine-commands.ts';
import type { FileExportProgress } from '../../shared/file-export.ts';
import type { SelectedSongs } from '../../shared/song-selection.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { ExportForm } from './export-form.ts';

export type FilesReport = CommandResponse<EngineCommands, 'export-files'>;
export type PlaylistReport = CommandResponse<EngineCommands, 'export-playlist'>;

/**
 * - `running`
 * - `asking`: another file stands where the playlist should go
 * - `done`, `failed`, `cancelled`: with whatever was written before
 */
export type ExportRunState = 'running' | 'asking' | 'done' | 'failed' | 'cancelled';

let lastRun = 0;

export class ExportRun {
  state = $state<ExportRunState>('running');
  progress = $state.raw<FileExportProgress | null>(null);
  files = $state.raw<FilesReport | null>(null);
  playlist = $state.raw<PlaylistReport | null>(null);
  error = $state.raw<BangerError | null>(null);
  /** Whether undo has brought moved files back. */
  isTakenBack = $state(false);
  readonly form: ExportForm;
  /** Songs that were asked for. */
  readonly songCount: number;
  readonly #client: AppClient;
  readonly #songs: Pick<SelectedSongs, 'songs' | 'ranking'>;
  #ended = new AbortController();

  /** Exports exactly these songs, told by this ranking. */
  constructor(client: AppClient, form: ExportForm, songs: Pick<SelectedSongs, 'songs' | 'ranking'>) {
    this.#client = client;
    this.form = form;
    this.#songs = songs;
    this.songCount = songs.songs.length;
  }

  /** Does it, or goes on where it was stopped. */
  async start(): Promise<void> {
    this.state = 'running';
    this.error = null;
    this.#ended = new AbortController();
    lastRun += 1;
    const callName = `export-${lastRun}-${Date.now()}`;
    const stopListening = this.#client.on('file-export-progressed', (progress) => {
      if (progress.callName === callName) this.progress = progress;
    });
    try {
      if (this.form.files !== 'none' && this.files === null)
        await this.#exportFiles(this.form.files, callName);
      if (this.form.writesPlaylist) await this.#writePlaylist(false);
      this.state = 'done';
    } catch (thrown) {
      this.#fail(thrown);
    } finally {
      stopListening();
    }
  }

  /** The person said that the other file may go. */
  async replacePlaylist(): Promise<void> {
    this.state = 'running';
    try {
      await this.#writePlaylist(true);
      this.state = 'done';
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  cancel(): void {
    this.#ended.abort();
  }

  async #exportFiles(mode: 'copy' | 'link' | 'move', callName: string): Promise<void> {
    const { filesFolder: folder, pattern } = this.form;
    const request = { ...this.#request(), folder, mode, pattern, callName };
    this.files = await this.#client.call('export-files', request, { signal: this.#ended.signal });
  }

  async #writePlaylist(replacesOthers: boolean): Promise<void> {
    const { playlistFile: file, format, pathStyle } = this.form;
    const request = { ...this.#request(), file, format, pathStyle, replacesOthers };
    this.playlist = await this.#client.call('export-playlist', request, { signal: this.#ended.signal });
  }

  #request() {
    const { songs, ranking } = this.#songs;
    return {
      songIds: songs.map(({ id }) => id),
      ...(ranking !== null && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
    };
  }

  #fail(thrown: unknown): void {
    this.error = asBangerError(thrown);
    if (hasErrorCode(thrown, 'cancelled')) this.state = 'cancelled';
    else if (hasErrorCode(thrown, 'file-exists') && this.form.writesPlaylist) this.state = 'asking';
    else this.state = 'failed';
  }
}
