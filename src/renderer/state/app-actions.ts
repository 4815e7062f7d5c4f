/** What keys and menus do wherever the window is; a view adds or overrides what is its own. */
import type { JudgementChange } from '../../shared/judgement.ts';
import type { ShortcutHandler } from '../shortcuts/shortcuts.svelte.ts';
import type { ShortcutName } from '../shortcuts/shortcut-actions.ts';
import type { AppState } from './app-state.svelte.ts';

const seekSeconds = 5;
const zoomStep = 0.1;

/** The handlers that hold everywhere. */
export function appActions(app: AppState): Partial<Record<ShortcutName, ShortcutHandler>> {
  const judge = (change: JudgementChange) => {
    const songIds = app.selection.ordered;
    if (songIds.length === 0) return false;
    void app.judging.judge(songIds, change);
    return true;
  };
  const stars = (count: number) => () => judge({ stars: count });
  const zoomBy = (step: number) => {
    const zoom = Math.min(2, Math.max(0.7, Math.round((app.settings.current.zoom + step) * 10) / 10));
    return app.settings.change({ zoom });
  };
  return {
    'play-pause': () => {
      if (app.player.songId !== null) return app.player.toggle();
      const first = app.selection.cursorId ?? app.list.order.at(0);
      return first === undefined ? false : app.player.play(first);
    },
    'play-next': () => app.player.playNext(),
    'play-previous': () => app.player.playPrevious(),
    'seek-forward': () => {
      if (app.player.songId === null) return false;
      app.player.seek(app.player.positionSeconds + seekSeconds);
      return true;
    },
    'seek-back': () => {
      if (app.player.songId === null) return false;
      app.player.seek(app.player.positionSeconds - seekSeconds);
      return true;
    },
    keep: () => judge({ verdict: 'keep' }),
    reject: () => judge({ verdict: 'reject' }),
    'clear-verdict': () => judge({ verdict: 'undecided' }),
    'stars-0': stars(0),
    'stars-1': stars(1),
    'stars-2': stars(2),
    'stars-3': stars(3),
    'stars-4': stars(4),
    'stars-5': stars(5),
    undo: () => app.judging.undo(),
    redo: () => app.judging.redo(),
    export: () => {
      if (app.list.total === 0) return false;
      app.dialog = 'export';
      return true;
    },
    settings: () => {
      app.openSettings('folders');
    },
    shortcuts: () => {
      app.dialog = 'shortcuts';
    },
    'toggle-jobs': () => {
      app.dialog = 'jobs';
    },
    cull: () => {
      if (app.list.total === 0) return false;
      app.view = 'cull';
      return true;
    },
    training: () => {
      app.view = 'training';
    },
    insight: () => {
      if (app.isEmpty) return false;
      app.view = app.view === 'insight' ? 'list' : 'insight';
      return true;
    },
    compare: () => {
      const [songA, songB, ...others] = app.selection.ordered;
      if (songA === undefined || songB === undefined || others.length > 0) return false;
      app.compare(songA, songB);
      return true;
    },
    'bring-in': () => {
      if (app.list.arrivals === 0) return false;
      return app.list.bringIn();
    },
    'toggle-side-bar': () => {
      if (app.view !== 'list' && app.view !== 'insight') return false;
      return app.settings.change({ isSideBarShown: !app.settings.current.isSideBarShown });
    },
    'toggle-inspector': () =>
      app.settings.change({ isInspectorShown: !app.settings.current.isInspectorShown }),
    'zoom-in': () => zoomBy(zoomStep),
    'zoom-out': () => zoomBy(-zoomStep),
    'zoom-reset': () => app.settings.change({ zoom: 1 }),
  };
}
