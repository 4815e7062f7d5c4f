/** What an export would take, asked anew a moment after the form changed; an answer that is late is dropped. */
import { asBangerError, type BangerError } from '../../shared/errors.ts';
import type { SelectedSongs } from '../../shared/song-selection.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { SelectionRequest } from './export-form.ts';

const PAUSE_MS = 150;
/** Songs whose names are shown as examples. */
export const exampleCount = 3;

export class ExportPreview {
  /** The last answer; it stays on screen while the next one is on its way. */
  selected = $state.raw<SelectedSongs | null>(null);
  isLoading = $state(false);
  error = $state.raw<BangerError | null>(null);
  /** Albums of the first songs, by song id. */
  albums = $state.raw<ReadonlyMap<number, string | null>>(new Map());
  readonly #client: AppClient;
  #timer: number | undefined;
  #asking: AbortController | null = null;

  constructor(client: AppClient) {
    this.#client = client;
  }

  /** Asks soon; null for a form that asks nothing. */
  ask(request: SelectionRequest | null): void {
    this.#stop();
    if (request === null) {
      this.selected = null;
      this.isLoading = false;
      return;
    }
    this.isLoading = true;
    this.#timer = window.setTimeout(() => void this.#ask(request), this.selected === null ? 0 : PAUSE_MS);
  }

  close(): void {
    this.#stop();
  }

  #stop(): void {
    window.clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }

  async #ask(request: SelectionRequest): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const { signal } = asking;
    try {
      const selected = await this.#client.call('select-songs', request, { signal });
      if (signal.aborted) return;
      this.selected = selected;
      this.error = null;
      await this.#readAlbums(selected, signal);
    } catch (thrown) {
      if (!signal.aborted) this.error = asBangerError(thrown);
    } finally {
      if (!signal.aborted) this.isLoading = false;
    }
  }

  async #readAlbums({ songs }: SelectedSongs, signal: AbortSignal): Promise<void> {
    const first = songs.slice(0, exampleCount);
    const details = await Promise.all(
      first.map(({ id }) => this.#client.call('get-song', { songId: id }, { signal })),
    );
    if (!signal.aborted) this.albums = new Map(details.map(({ row, album }) => [row.id, album]));
  }
}
