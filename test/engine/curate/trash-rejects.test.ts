/** Rejected songs: the plan names every file, nothing else is touched, and what can be undone is. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportFiles } from '../../../src/engine/curate/export-files.ts';
import { judgeSongs } from '../../../src/engine/curate/judge-songs.ts';
import { planRejects } from '../../../src/engine/curate/plan-rejects.ts';
import type { MoveToTrash } from '../../../src/engine/curate/trash-rejects.ts';
import { trashRejects } from '../../../src/engine/curate/trash-rejects.ts';
import { undoNewest, redoNext } from '../../../src/engine/curate/undo-history.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import type { RejectPlan, RejectRequest } from '../../../src/shared/reject-plan.ts';
import { rejectRequestSchema } from '../../../src/shared/reject-plan.ts';
import { entriesOf, makeSong, namesIn } from '../../support/curate-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();
let library: Library;

beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
  mkdirSync(inFolder('trash'));
});
afterEach(() => {
  library.close();
});

const everything: RejectRequest = rejectRequestSchema.parse({});

/** A trash that is a folder. */
const moveToTrash: MoveToTrash = (paths) => {
  for (const path of paths) renameSync(path, inFolder('trash', basename(path)));
  return Promise.resolve();
};

function makeRejected(...names: string[]): number[] {
  const songIds = names.map((name) => makeSong(library, { path: inFolder('in', name) }));
  judgeSongs(library, songIds, { verdict: 'reject' });
  return songIds;
}

/** Records a file that is there as a copy of a song. */
function recordCopy(songId: number, path: string): void {
  const song = library.songs.byId(songId);
  const [identity] = library.songs.identitiesOf(songId);
  if (song === null || identity === undefined) throw new Error('there is no such song');
  const { size, mtimeNs } = statSync(path, { bigint: true });
  library.files.record({
    stamp: { path, sizeBytes: Number(size), mtimeNs },
    identities: [identity],
    probe: song,
  });
}

function pathsOf({ files }: RejectPlan): string[] {
  return files.map(({ path }) => path);
}

describe('the plan', () => {
  it('names songs and sidecars with their sizes, and touches nothing', async () => {
    makeRejected('a.wav', 'b.wav');
    makeSong(library, { path: inFolder('in', 'kept.wav') });
    writeFileSync(inFolder('in', 'a.json'), '{"seed":1}');
    const before = namesIn(inFolder('in'));
    const plan = await planRejects(library, everything);
    expect(pathsOf(plan)).toEqual(['a.wav', 'a.json', 'b.wav'].map((name) => inFolder('in', name)));
    const sizes = plan.files.map(({ path }) => statSync(path).size);
    expect(plan.files.map(({ sizeBytes }) => sizeBytes)).toEqual(sizes);
    expect(plan).toMatchObject({
      songCount: 2,
      totalBytes: sizes.reduce((sum, size) => sum + size),
      leftAlone: [],
    });
    expect(namesIn(inFolder('in'))).toEqual(before);
  });

  it('leaves copies, exports, shared sidecars and changed files alone, and says so', async () => {
    const [songId = 0] = makeRejected('a.wav');
    mkdirSync(inFolder('z'));
    copyFileSync(inFolder('in', 'a.wav'), inFolder('z', 'copy.wav'));
    recordCopy(songId, inFolder('z', 'copy.wav'));
    const folder = inFolder('best');
    await exportFiles(library, { entries: entriesOf(library, [songId]), folder, mode: 'copy', pattern: 'a' });
    recordCopy(songId, inFolder('best', 'a.wav'));
    writeFileSync(inFolder('in', 'a.json'), '{}');
    writeFileSync(inFolder('in', 'a.mp3'), 'another song of that name');
    makeRejected('changed.wav');
    writeFileSync(inFolder('in', 'changed.wav'), 'another song was written here');

    const plan = await planRejects(library, everything);
    expect(pathsOf(plan)).toEqual([inFolder('in', 'a.wav')]);
    expect(plan.leftAlone.map(({ path, reason }) => [path, reason])).toEqual([
      [inFolder('best', 'a.wav'), 'exported'],
      [inFolder('in', 'a.json'), 'shared'],
      [inFolder('z', 'copy.wav'), 'copy'],
      [inFolder('in', 'changed.wav'), 'changed'],
    ]);
    const named = await planRejects(library, { ...everything, files: [inFolder('z', 'copy.wav')] });
    expect(pathsOf(named)).toEqual([inFolder('in', 'a.wav'), inFolder('z', 'copy.wav')]);
    const filtered = await planRejects(library, { ...everything, filter: { folder: inFolder('elsewhere') } });
    expect(filtered).toMatchObject({ files: [], songCount: 0, totalBytes: 0 });
  });

  it('can be done only while its files are as they were', async () => {
    makeRejected('a.wav');
    const { token } = await planRejects(library, everything);
    makeRejected('b.wav');
    const late = trashRejects(library, everything, token, 'trash', { moveToTrash });
    await expect(late).rejects.toMatchObject({ code: 'plan-outdated' });
    expect(namesIn(inFolder('in'))).toEqual(['a.wav', 'b.wav']);
  });
});

describe('the trash', () => {
  it('gets what the plan says; songs and verdicts stay in the library', async () => {
    const songIds = makeRejected('a.wav', 'b.wav');
    const { token } = await planRejects(library, everything);
    const report = await trashRejects(library, everything, token, 'trash', { moveToTrash });
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['trashed', 'trashed']);
    expect(namesIn(inFolder('in'))).toEqual([]);
    expect(namesIn(inFolder('trash'))).toEqual(['a.wav', 'b.wav']);
    for (const songId of songIds) {
      expect(library.verdicts.get(songId)?.verdict).toBe('reject');
      expect(library.files.ofSong(songId)).toMatchObject([{ missingSinceMs: expect.any(Number) as number }]);
    }
    expect(library.history.list(1)).toMatchObject([
      { id: report.historyId, label: 'Put 2 rejected songs into the trash' },
    ]);
    expect(await planRejects(library, everything)).toMatchObject({ files: [], leftAlone: [] });
  });

  it('that takes some files only leaves the others where they are, with the way out', async () => {
    makeRejected('a.wav', 'b.wav', 'c.wav');
    const { token } = await planRejects(library, everything);
    const half: MoveToTrash = ([first = '']) => {
      unlinkSync(first);
      return Promise.reject(new Error('no trash on this drive'));
    };
    const report = await trashRejects(library, everything, token, 'trash', { moveToTrash: half });
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['trashed', 'failed', 'failed']);
    expect(report.files[1]?.error).toMatchObject({
      code: 'trash-unavailable',
      nextStep: expect.stringContaining('_rejected') as string,
    });
    expect(namesIn(inFolder('in'))).toEqual(['b.wav', 'c.wav']);
  });

  it('that takes nothing leaves no trace in the history', async () => {
    makeRejected('a.wav');
    const { token } = await planRejects(library, everything);
    const before = library.history.list(10);
    const none: MoveToTrash = () => Promise.reject(new Error('no trash'));
    const report = await trashRejects(library, everything, token, 'trash', { moveToTrash: none });
    expect(report).toMatchObject({ historyId: null, isUndoable: false });
    expect(library.history.list(10)).toEqual(before);
  });

  it('stops between files when it is told to; what is done can be undone', async () => {
    makeRejected(...Array.from({ length: 120 }, (_, index) => `${index}.wav`));
    const { token } = await planRejects(library, everything);
    const controller = new AbortController();
    const stopped = trashRejects(library, everything, token, 'trash', {
      moveToTrash,
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(namesIn(inFolder('in')).length + namesIn(inFolder('trash')).length).toBe(120);
    expect(namesIn(inFolder('trash')).length).toBeGreaterThan(0);
    expect(namesIn(inFolder('in')).length).toBeGreaterThan(0);
  });
});

describe('the folder for rejected songs', () => {
  it('takes them beside where they were, over nothing, and gives them back', async () => {
    const [songId = 0] = makeRejected('a.wav', 'b.wav');
    writeFileSync(inFolder('in', 'a.json'), '{}');
    mkdirSync(inFolder('in', '_rejected'));
    writeFileSync(inFolder('in', '_rejected', 'a.wav'), 'rejected before');
    const { token } = await planRejects(library, everything);
    const report = await trashRejects(library, everything, token, 'rejected-folder', { moveToTrash });
    expect(report).toMatchObject({ isUndoable: true });
    expect(namesIn(inFolder('in'))).toEqual(['_rejected']);
    const inside = ['a (2).json', 'a (2).wav', 'a.wav', 'b.wav'];
    expect(namesIn(inFolder('in', '_rejected'))).toEqual(inside);
    expect(library.files.ofSong(songId)).toMatchObject([{ path: inFolder('in', '_rejected', 'a (2).wav') }]);
    const next = await planRejects(library, everything);
    expect(next.files).toEqual([]);
    expect(next.leftAlone.map(({ reason }) => reason)).toEqual(['set-aside', 'set-aside']);

    await undoNewest(library);
    expect(namesIn(inFolder('in'))).toEqual(['_rejected', 'a.json', 'a.wav', 'b.wav']);
    expect(namesIn(inFolder('in', '_rejected'))).toEqual(['a.wav']);
    await redoNext(library);
    expect(namesIn(inFolder('in', '_rejected'))).toEqual(inside);
  });

  it('goes away with undo when nothing else lies in it', async () => {
    makeRejected('a.wav');
    const { token } = await planRejects(library, everything);
    await trashRejects(library, everything, token, 'rejected-folder', { moveToTrash });
    expect(existsSync(inFolder('in', '_rejected', 'a.wav'))).toBe(true);
    await undoNewest(library);
    expect(namesIn(inFolder('in'))).toEqual(['a.wav']);
  });

  it('takes no link', async () => {
    const [songId = 0] = makeRejected('a.wav');
    renameSync(inFolder('in', 'a.wav'), inFolder('real.wav'));
    symlinkSync(inFolder('real.wav'), inFolder('in', 'a.wav'));
    const { token } = await planRejects(library, everything);
    const report = await trashRejects(library, everything, token, 'rejected-folder', { moveToTrash });
    expect(report.files).toMatchObject([{ outcome: 'failed', songId, error: { code: 'file-unwritable' } }]);
    expect(existsSync(inFolder('in', 'a.wav'))).toBe(true);
  });
});
