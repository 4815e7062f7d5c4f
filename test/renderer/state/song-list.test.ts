import { afterEach, describe, expect, it } from 'vitest';
import type { Library } from '../../../src/engine/library/library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { fileWith, modelNamed, spaceOf, storeSong, vectorFor } from '../../support/library-samples.ts';
import { waitUntil } from '../../support/processes.ts';
import { openWindow, writeLibrary, type WindowOverEngine } from './window-over-engine.ts';

const place = useFreshFolder();
let app: WindowOverEngine;

afterEach(async () => {
  await app.close();
});

const song = (library: Library, name: string, score: number) =>
  storeSong(library, name, `/music/${name}.mp3`, score);

/** Scores a song by another ranking than `storeSong` does. */
function scoreAs(
  library: Library,
  songId: number,
  encoderName: string,
  isDraft: boolean,
  score: number,
): void {
  const encoder = library.encoders.register({ ...modelNamed(encoderName), isDraft });
  const head = library.heads.register({ ...modelNamed(`${encoderName}-head`), isDraft });
  library.transaction(() => {
    const key = { ...spaceOf(encoder.id), songId };
    library.embeddings.put(key, vectorFor(score, encoder.embeddingSize), 'cpu');
    library.scores.put(key, head.id, { rawScore: score, score });
  });
}

const loaded = () => waitUntil('the list is there', () => app.list.isLoaded);
const ids = () => [...app.list.order.songIds];

describe('a list that is looked at', () => {
  it('holds new songs back until they are asked for, and keeps its order', async () => {
    const [low, high] = writeLibrary(place(), (library) => [song(library, 'a', 2), song(library, 'b', 7)]);
    app = await openWindow(place());
    await loaded();
    expect(ids()).toEqual([high, low]);
    app.list.isHeld = () => true;

    const best = writeLibrary(place(), (library) => song(library, 'c', 9));
    await waitUntil('the arrival is counted', () => app.list.arrivals === 1);
    expect(ids()).toEqual([high, low]);
    await app.list.bringIn();
    expect(ids()).toEqual([best, high, low]);
    expect(app.list.arrivals).toBe(0);
    expect(app.list.restarts).toBe(0);
  });

  it('counts songs that were listed before they had a score', async () => {
    const [scored, waiting] = writeLibrary(place(), (library) => {
      const first = song(library, 'a', 5);
      return [first, library.files.record(fileWith('b', '/music/b.mp3')).songId];
    });
    app = await openWindow(place());
    await loaded();
    expect(ids()).toEqual([scored, waiting]);
    app.list.isHeld = () => true;
    writeLibrary(place(), (library) => song(library, 'b', 8));
    await waitUntil('the score is counted', () => app.list.arrivals === 1);
    expect(ids()).toEqual([scored, waiting]);
    await app.list.bringIn();
    expect(ids()).toEqual([waiting, scored]);
  });

  it('takes new songs in at once while nobody is at work in it', async () => {
    writeLibrary(place(), (library) => song(library, 'a', 2));
    app = await openWindow(place());
    await loaded();
    writeLibrary(place(), (library) => song(library, 'b', 9));
    await waitUntil('the new song is listed', () => app.list.total === 2);
    expect(app.list.arrivals).toBe(0);
  });

  it('keeps its order over a lost connection, and hears what came meanwhile', async () => {
    const only = writeLibrary(place(), (library) => song(library, 'a', 2));
    app = await openWindow(place());
    await loaded();
    app.list.isHeld = () => true;
    writeLibrary(place(), (library) => song(library, 'b', 9));
    app.reconnect();
    await waitUntil('the arrival is counted', () => app.list.arrivals === 1);
    expect(ids()).toEqual([only]);
  });

  it('never shows the answer to a question that was overtaken by another', async () => {
    const [low, high] = writeLibrary(place(), (library) => [song(library, 'a', 2), song(library, 'b', 7)]);
    app = await openWindow(place());
    await loaded();
    await Promise.all([
      app.list.setFilter({ score: { min: 5 } }),
      app.list.setFilter({ score: { max: 5 } }),
      app.list.setSort({ column: 'score', direction: 'ascending' }),
    ]);
    expect(ids()).toEqual([low]);
    expect(app.list.restarts).toBe(1);
    await app.list.changeFilter({ score: undefined });
    expect(app.list.filter).toEqual({});
    expect(ids()).toEqual([low, high]);
  });

  it('comes back sorted and grouped as it was left', async () => {
    writeLibrary(place(), (library) => [song(library, 'b', 7), song(library, 'a', 2)]);
    app = await openWindow(place());
    await loaded();
    await app.list.setSort({ column: 'title', direction: 'descending' });
    await app.list.setGrouping('folder');
    const order = ids();
    await app.close();
    app = await openWindow(place());
    await loaded();
    expect(app.list.sort).toEqual({ column: 'title', direction: 'descending' });
    expect(app.list.groupBy).toBe('folder');
    expect(ids()).toEqual(order);
  });

  it('says why a list cannot be shown, and recovers', async () => {
    writeLibrary(place(), (library) => song(library, 'a', 2));
    app = await openWindow(place());
    await loaded();
    await app.list.setFilter({ batch: -1 });
    expect(app.list.problem?.code).toBe('usage');
    await app.list.setFilter({});
    expect(app.list.problem).toBeNull();
    expect(app.list.total).toBe(1);
  });
});

describe('a draft list that a model overtakes', () => {
  it('stays on the draft until the person switches, and does not go back', async () => {
    const [first, second] = writeLibrary(place(), (library) => {
      const songIds = ['a', 'b'].map(
        (name) => library.files.record(fileWith(name, `/music/${name}.mp3`)).songId,
      );
      songIds.forEach((songId, index) => {
        scoreAs(library, songId, 'draft', true, 8 - index);
      });
      return songIds as [number, number];
    });
    app = await openWindow(place());
    await loaded();
    expect(ids()).toEqual([first, second]);
    expect(app.list.ranking?.isDraft).toBe(true);

    writeLibrary(place(), (library) => {
      scoreAs(library, second, 'mert', false, 9);
    });
    await waitUntil('the model is known', () => app.list.betterRanking !== null);
    await waitUntil('the draft is pinned', () => app.list.rankingKey !== undefined);
    expect(ids()).toEqual([first, second]);
    expect(app.list.ranking?.isDraft).toBe(true);

    await app.list.pinRanking(null);
    expect(app.list.ranking?.isDraft).toBe(false);
    expect(ids()).toEqual([second, first]);
    expect(app.list.betterRanking).toBeNull();
    // More scores of the model must not bring the draft back.
    writeLibrary(place(), (library) => {
      scoreAs(library, first, 'mert', false, 3);
    });
    await waitUntil('the score is shown', () => app.list.scoredTotal === 2);
    expect(app.list.rankingKey).toBeUndefined();
  });

  it('is on the pinned ranking from the first list of the next start', async () => {
    const songId = writeLibrary(place(), (library) => {
      const { songId } = library.files.record(fileWith('a', '/music/a.mp3'));
      scoreAs(library, songId, 'draft', true, 8);
      scoreAs(library, songId, 'mert', false, 3);
      return songId;
    });
    app = await openWindow(place());
    await loaded();
    const draft = app.list.rankings.find(({ isDraft }) => isDraft);
    if (draft === undefined) throw new Error('There is no draft ranking.');
    await app.list.pinRanking({ spaceId: draft.spaceId, headId: draft.headId });
    await app.close();

    app = await openWindow(place());
    await loaded();
    expect(app.list.ranking?.isDraft).toBe(true);
    expect(app.list.rows.get(songId)?.score).toBe(8);
    expect(app.calls.filter((name) => name === 'list-song-ids')).toHaveLength(1);
  });
});

describe('rows', () => {
  it('stay on screen while another order is asked for, and are read anew', async () => {
    const [low, high] = writeLibrary(place(), (library) => [song(library, 'a', 2), song(library, 'b', 7)]);
    app = await openWindow(place());
    await loaded();
    expect(app.list.rows.get(low)?.rank).toBe(2);
    await app.list.setFilter({ score: { max: 5 } });
    expect(app.list.rows.get(low)?.rank).toBe(1);
    expect(app.list.rows.get(high)).toBeDefined();
  });

  it('show a judgement at once, and never an older answer after it', async () => {
    const songId = writeLibrary(place(), (library) => song(library, 'a', 2));
    app = await openWindow(place());
    await loaded();
    const { rows } = app.list;
    rows.markStale();
    const asked = rows.want([songId]);
    rows.patch([songId], { verdict: 'keep' });
    expect(rows.get(songId)?.verdict).toBe('keep');
    await asked;
    // What was asked before the judgement says that there is none.
    expect(rows.get(songId)?.verdict).toBe('keep');
    await app.host.call('judge-songs', { songIds: [songId], change: { verdict: 'reject' } });
    await rows.want([songId]);
    expect(rows.get(songId)?.verdict).toBe('reject');
  });

  it('are asked for once where the engine knows no such song', async () => {
    writeLibrary(place(), (library) => song(library, 'a', 2));
    app = await openWindow(place());
    await loaded();
    const asked = () => app.calls.filter((name) => name === 'get-song-rows').length;
    await app.list.rows.want([4711]);
    const before = asked();
    await app.list.rows.want([4711]);
    expect(asked()).toBe(before);
    app.list.rows.markStale();
    await app.list.rows.want([4711]);
    expect(asked()).toBe(before + 1);
  });
});

describe('the selection', () => {
  it('moves, extends from where it began, and stops at the ends', async () => {
    const songIds = writeLibrary(place(), (library) =>
      [9, 8, 7, 6, 5].map((score) => song(library, `s${score}`, score)),
    );
    app = await openWindow(place());
    await loaded();
    const { selection } = app;
    selection.move(1);
    expect(selection.ordered).toEqual([songIds[0]]);
    selection.move(2);
    selection.move(1, true);
    selection.move(5, true);
    expect(selection.ordered).toEqual(songIds.slice(2));
    selection.move(-4, true);
    expect(selection.ordered).toEqual(songIds.slice(0, 3));
    selection.moveTo(99);
    expect(selection.ordered).toEqual([songIds[4]]);
    selection.toggle(songIds[1] as number);
    expect(selection.ordered).toEqual([songIds[1], songIds[4]]);
    selection.selectAll();
    expect(selection.ordered).toEqual(songIds);
  });

  it('lets go of songs that another list does not have', async () => {
    const [low, high] = writeLibrary(place(), (library) => [song(library, 'a', 2), song(library, 'b', 7)]);
    app = await openWindow(place());
    await loaded();
    app.selection.selectAll();
    app.selection.cursorId = low;
    await app.list.setFilter({ score: { min: 5 } });
    expect(app.selection.ordered).toEqual([high]);
    expect(app.selection.cursorId).toBe(high);
    await app.list.setFilter({ score: { max: 5 } });
    expect(app.selection.ordered).toEqual([]);
    expect(app.selection.cursorId).toBeNull();
    // Nothing is left that a selection could begin at.
    app.selection.extendTo(low);
    expect(app.selection.ordered).toEqual([low]);
  });
});

describe('counts', () => {
  it('follow what changes, and count watched folders', async () => {
    const songId = writeLibrary(place(), (library) => {
      song(library, 'night/a', 2);
      return song(library, 'b', 7);
    });
    app = await openWindow(place());
    const { counts } = app.list;
    counts.watchFolders(['/music/night', '/music']);
    await waitUntil('songs are counted', () => counts.folders.get('/music') === 2);
    expect(counts.folders.get('/music/night')).toBe(1);
    expect(counts.all).toBe(2);
    await app.host.call('judge-songs', { songIds: [songId], change: { verdict: 'keep' } });
    await waitUntil('the verdict is counted', () => counts.verdicts?.keep === 1);
    await app.host.call('save-filter', { name: 'Kept', filter: { verdicts: ['keep'] } });
    await waitUntil('the filter is listed', () => counts.savedFilters[0]?.count === 1);
  });
});
