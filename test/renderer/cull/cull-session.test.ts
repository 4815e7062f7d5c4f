import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CullSession } from '../../../src/renderer/cull/cull-session.svelte.ts';
import type { PlayOrder } from '../../../src/renderer/player/play-order.ts';
import type { AppState } from '../../../src/renderer/state/app-state.svelte.ts';
import { Judging } from '../../../src/renderer/state/judging.svelte.ts';
import type { Verdict } from '../../../src/shared/song-query.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { storeSong } from '../../support/library-samples.ts';
import { waitUntil } from '../../support/processes.ts';
import { openWindow, writeLibrary, type WindowOverEngine } from '../state/window-over-engine.ts';

const place = useFreshFolder();
let over: WindowOverEngine;
let ids: number[];
let app: Pick<AppState, 'list' | 'selection' | 'notices' | 'settings' | 'client' | 'judging' | 'view'>;
let played: number[];
let order: PlayOrder | null;
let session: CullSession;

beforeEach(async () => {
  // Stored worst first, so that the order by score is another one than that of ids.
  ids = writeLibrary(place(), (library) =>
    [1, 2, 3, 4, 5].map((score) => storeSong(library, `song ${score}`, `/music/${score}.mp3`, score)),
  ).reverse();
  over = await openWindow(place());
  played = [];
  order = null;
  // Sound is proven in a browser; here it matters what is asked for.
  const player = {
    songId: null as number | null,
    isPlaying: false,
    play: (songId: number) => {
      played.push(songId);
      player.songId = songId;
      return Promise.resolve();
    },
    pause: () => undefined,
    useOrder: (wanted: PlayOrder | null) => {
      order = wanted;
    },
  };
  const { list, selection, notices, settings, client } = over;
  const judging = new Judging(client, list, notices);
  app = { list, selection, notices, settings, client, judging, view: 'cull' };
  session = new CullSession(Object.assign(app, { player }) as unknown as AppState);
  await waitUntil('the list is there', () => list.isLoaded && settings.isLoaded);
});

afterEach(async () => {
  await over.close();
});

const stored = async (songId: number): Promise<Verdict> =>
  (await over.host.call('get-judgement', { songId })).verdict;
const at = (index: number) => ids[index] ?? 0;

describe('culling', () => {
  it('begins at the cursor, else at the first song without a verdict', async () => {
    await over.host.call('judge-songs', { songIds: [at(0)], change: { verdict: 'keep' } });
    await session.begin();
    expect(session.songId).toBe(at(1));
    app.selection.select(at(3));
    await session.begin();
    expect(session.songId).toBe(at(3));
    expect(played).toEqual([at(1), at(3)]);
  });

  it('plays on in its own order, which verdicts do not change', async () => {
    await app.list.setFilter({ verdicts: ['undecided'] });
    await session.begin();
    await session.decide('reject');
    await app.list.reload();
    expect(app.list.total).toBe(4);
    expect(session.queue?.songIds).toEqual(ids);
    expect(order?.neighbour(at(0), 1)).toBe(at(1));
    expect(order?.neighbour(at(4), 1)).toBeUndefined();
    order?.move?.(-1);
    expect(session.songId).toBe(at(0));
    session.end();
    expect(order).toBeNull();
  });

  it('keeps answers, goes on by itself, and passes over what is decided', async () => {
    await over.host.call('judge-songs', { songIds: [at(1)], change: { verdict: 'reject' } });
    await session.begin();
    await session.decide('keep');
    expect(session.songId).toBe(at(2));
    expect(session.counts).toEqual({ total: 5, kept: 1, rejected: 1, undecided: 3 });
    expect(await stored(at(0))).toBe('keep');
  });

  it('stays where it is when it is told to, and after clearing', async () => {
    await app.settings.change({ advancesAfterVerdict: false });
    await session.begin();
    await session.decide('keep');
    expect(session.songId).toBe(at(0));
    await app.settings.change({ advancesAfterVerdict: true });
    await session.decide('undecided');
    expect(session.songId).toBe(at(0));
    expect(session.verdict).toBe('undecided');
    expect(await stored(at(0))).toBe('undecided');
  });

  it('goes back to the song whose verdict is taken back, and forth again', async () => {
    await session.begin();
    await session.decide('keep');
    await session.decide('reject');
    await session.giveStars(4);
    expect(session.songId).toBe(at(2));
    await session.undo();
    expect(session.songId).toBe(at(2));
    await session.undo();
    expect(session.songId).toBe(at(1));
    expect(session.verdict).toBe('undecided');
    await session.undo();
    expect(session.songId).toBe(at(0));
    expect(session.counts.undecided).toBe(5);
    await session.redo();
    expect(session.verdict).toBe('keep');
    expect(await stored(at(0))).toBe('keep');
  });

  it('ends when all are decided, and comes back by undo', async () => {
    await session.begin();
    while (!session.isFinished) await session.decide('keep');
    expect(session.isFinished).toBe(true);
    expect(session.counts.kept).toBe(5);
    // Nothing is in hand any more.
    await session.decide('reject');
    expect(session.counts.rejected).toBe(0);
    await session.undo();
    expect(session.isFinished).toBe(false);
    expect(session.songId).toBe(at(4));
    session.move(1);
    expect(session.songId).toBe(at(4));
  });

  it('leaves decided songs out when asked, and takes them in again', async () => {
    await over.host.call('judge-songs', { songIds: [at(0), at(3)], change: { verdict: 'reject' } });
    await session.begin();
    expect(session.songId).toBe(at(1));
    await session.setOnlyUndecided(true);
    expect(session.queue?.songIds).toEqual([at(1), at(2), at(4)]);
    expect(session.songId).toBe(at(1));
    await session.setOnlyUndecided(false);
    expect(session.counts).toEqual({ total: 5, kept: 0, rejected: 2, undecided: 3 });
  });

  it('leaves to the list with the cursor on the song in hand', async () => {
    await session.begin();
    session.move(1);
    session.leave();
    expect(app.view).toBe('list');
    expect(app.selection.cursorId).toBe(at(1));
  });

  it('keeps an answer that was given while the engine was away', async () => {
    await session.begin();
    const away = session.decide('keep');
    // Far enough for the call to be on its way, and not so far that it has arrived.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    over.reconnect();
    await away;
    expect(await stored(at(0))).toBe('keep');
    expect(app.notices.shown.filter(({ isError }) => isError)).toEqual([]);
  });
});
