/** Names shown before an export are the names that it gives. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planFileExport } from '../../../src/engine/curate/plan-file-export.ts';
import { nameExamples } from '../../../src/renderer/export/name-examples.ts';
import { parseNamePattern } from '../../../src/shared/name-pattern.ts';
import { songRowSchema, type SongRow } from '../../../src/shared/song-query.ts';
import { entryWith } from '../../support/export-entries.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const temporaryFolder = useTemporaryFolders();

function rowOf(fields: Partial<SongRow>): SongRow {
  return songRowSchema.parse({
    ...{ id: 1, title: 'Song', artist: null, path: '/music/song.wav', folder: '/music', score: 7.256 },
    ...{ rawScore: 7.256, rank: 1, percentile: 100, referencePercentile: null, isDraft: false },
    ...{ durationSeconds: 61, loudnessLufs: -14, flags: [], verdict: 'undecided', stars: 0, hasNote: false },
    ...{ genre: null, tempoBpm: 127.6, musicalKey: 'C minor', generator: null, prompt: null, seed: null },
    ...{ addedAtMs: 0, batchId: null, isMissing: false },
    ...fields,
  });
}

it.each([
  ['{rank:03} {score} {title}', 'Night / Rain?', 'a.wav'],
  ['{title}.{ext}', 'CON', 'a.flac'],
  ['{artist}{album}', '', 'b.ogg'],
  ['{title}', '夜'.repeat(200), 'c.d.mp3'],
])('%s of “%s” is called as the export calls it', async (pattern, title, fileName) => {
  const folder = await temporaryFolder();
  const out = join(folder, 'out');
  await mkdir(out);
  const path = join(folder, fileName);
  await writeFile(path, 'x');
  const row = rowOf({ title, path });
  const entry = entryWith({ ...row, rank: 1, songId: row.id, path, album: null });
  const [planned] = await planFileExport({
    ...{ entries: [entry], folder: out, mode: 'copy', nameOf: parseNamePattern(pattern) },
    isMovedHere: () => false,
  });
  const { names, problem } = nameExamples(pattern, [row]);
  expect(problem).toBeNull();
  expect(names.map((name) => join(out, name))).toEqual(planned?.files.map(({ target }) => target));
  expect(await readdir(out)).toEqual([]);
});

it('knows albums that rows do not carry', () => {
  expect(nameExamples('{album}', [rowOf({ id: 7 })], new Map([[7, 'Blue']])).names).toEqual(['Blue.wav']);
});

it('says what is wrong with a pattern', () => {
  expect(nameExamples('{year}', [rowOf({})])).toEqual({
    names: [],
    problem: expect.stringContaining('unknown field “year”') as string,
  });
});
