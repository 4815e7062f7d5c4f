/** Everything that the window knows, composed once; components reach it through `getApp`. */
import { getContext, setContext } from 'svelte';
import type { ShellFacts } from '../../shared/shell-commands.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import { Player } from '../player/player.svelte.ts';
import { Shortcuts } from '../shortcuts/shortcuts.svelte.ts';
import { strings } from '../strings/en.ts';
import { InsightChoices } from './insight-choices.svelte.ts';
import { Judging } from './judging.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { SongList } from './song-list.svelte.ts';
import { Training } from './training.svelte.ts';
import { Work } from './work.svelte.ts';

/** Whole-window modes. */
export type View = 'list' | 'cull' | 'compare' | 'training' | 'insight';

/** Dialogs; one at a time. */
export type DialogName =
  'add-folder' | 'export' | 'jobs' | 'models' | 'rejects' | 'settings' | 'shortcuts' | 'history';

/** The parts of the settings dialog. */
export type SettingsPart =
  'folders' | 'models' | 'playback' | 'shortcuts' | 'appearance' | 'privacy' | 'library';

export class AppState {
  readonly client: AppClient;
  readonly notices = new Notices();
  readonly settings: Settings;
  readonly list: SongList;
  readonly selection: Selection;
  readonly judging: Judging;
  readonly work: Work;
  readonly training: Training;
  readonly insightChoices = new InsightChoices();
  readonly player: Player;
  readonly shortcuts: Shortcuts;

  view = $state<View>('list');
  dialog = $state<DialogName | null>(null);
  settingsPart = $state<SettingsPart>('folders');
  /** The two songs of the comparison. */
  compared = $state.raw<readonly [number, number] | null>(null);
  /** Null until the shell has answered. */
  shell = $state.raw<ShellFacts | null>(null);

  constructor(client: AppClient) {
    this.client = client;
    this.settings = new Settings(client, this.notices);
    this.list = new SongList(client, this.notices, this.settings);
    this.selection = new Selection(this.list);
    this.judging = new Judging(client, this.list, this.notices);
    this.work = new Work(client, this.notices);
    this.training = new Training(client, this.notices);
    this.player = new Player(client, this.list, this.settings, this.notices);
    this.shortcuts = new Shortcuts(this.settings);
    // A row that is heard or selected must not move, nor one that is looked at further down.
    this.list.isHeld = () =>
      this.view !== 'list' ||
      this.selection.cursorId !== null ||
      this.player.songId !== null ||
      this.isScrolled;
    this.training.onEnded = ({ name, state }) => {
      if (this.view !== 'training') this.notices.show(strings.training.endedNotice(name ?? '', state));
    };
    client.onConnected(() => void this.#readShell());
  }

  /** Whether the list is scrolled away from its top; told by the list. */
  isScrolled = $state(false);

  /** First run: no folder, no song. */
  get isEmpty(): boolean {
    return (
      this.list.isLoaded &&
      this.work.areFoldersKnown &&
      this.work.folders.length === 0 &&
      this.list.total === 0 &&
      Object.keys(this.list.filter).length === 0
    );
  }

  get isDialogOpen(): boolean {
    return this.dialog !== null;
  }

  openSettings(part: SettingsPart): void {
    this.settingsPart = part;
    this.dialog = 'settings';
  }

  /** Asks for folders by the system's dialog, or opens the page's own picker. */
  async addFolders(): Promise<void> {
    if (this.shell?.hasNativeFiles !== true) {
      this.dialog = 'add-folder';
      return;
    }
    try {
      const paths = await this.client.shell('choose-folders', {
        title: strings.firstRun.chooseFolder,
        isMultiple: true,
      });
      if (paths.length > 0) await this.work.addFolders(paths);
    } catch (thrown) {
      this.notices.showError(thrown);
    }
  }

  /** Watches folders that were dropped or opened with the app, and scores the songs that were. */
  async openPaths(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    try {
      const { watchedFolders, queuedFiles, refused } = await this.client.call('add-paths', {
        paths: [...paths],
      });
      const { taken, notTaken } = strings.firstRun;
      if (watchedFolders.length + queuedFiles > 0) {
        this.notices.show(taken(watchedFolders.length, queuedFiles));
      }
      if (refused.length > 0) this.notices.show(notTaken(refused));
      await this.work.readFolders();
    } catch (thrown) {
      this.notices.showError(thrown);
    }
  }

  /** Opens the comparison of two songs. */
  compare(songA: number, songB: number): void {
    this.compared = [songA, songB];
    this.view = 'compare';
  }

  async #readShell(): Promise<void> {
    try {
      this.shell = await this.client.shell('get-shell', {});
    } catch (thrown) {
      this.notices.showError(thrown);
    }
  }
}

const key = Symbol('app');

export function provideApp(app: AppState): void {
  setContext(key, app);
}

/** The window's state; to be called while a component is set up. */
export function getApp(): AppState {
  return getContext<AppState>(key);
}
