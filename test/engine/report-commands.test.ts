/** Tests of the command that writes reports: what it replaces, what it leaves alone, and edge cases of the songs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { reportHandlers } from '../../src/engine/report-commands.ts';
import { callCommand } from '../../src/shared/call-command.ts';
import { reportCommands } from '../../src/shared/report-commands.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { type InsightSong, storeInsightSongs } from '../support/insight-songs.ts';

const inFolder = useFreshFolder();
let engine: Engine;
let file: string;

beforeEach(async () => {
  engine = await Engine.open({ folders: { libraryFile: inFolder('library.sqlite') } });
  file = join(inFolder('reports'), 'report.html');
});

afterEach(async () => {
  await engine.close();
});

function write(request: { replacesOthers?: boolean; title?: string } = {}, signal?: AbortSignal) {
  return callCommand(
    reportCommands,
    reportHandlers(engine),
    'write-report',
    { file, ...request },
    { signal },
  );
}

const songs = (count: number): InsightSong[] =>
  Array.from({ length: count }, (_, place) => ({ score: place / 10 }));

describe('a report is written', () => {
  it.each([
    ['no songs', []],
    ['songs without scores', [{}, {}]],
    ['one song', songs(1)],
    ['three songs that are all equal', [{ score: 5 }, { score: 5 }, { score: 5 }]],
  ])('of %s, and says that nothing follows', async (_, given) => {
    storeInsightSongs(engine.library, given);
    const { scoredTotal, analyses, bytes } = await write();
    expect(scoredTotal).toBe(given.filter((song) => 'score' in song).length);
    expect(analyses).toBe(13);
    const page = readFileSync(file, 'utf8');
    expect(Buffer.byteLength(page)).toBe(bytes);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
  });

  it('over an earlier one, and over nothing else unless that is said', async () => {
    storeInsightSongs(engine.library, songs(40));
    await write({ title: 'Monday' });
    await write({ title: 'Tuesday' });
    expect(readFileSync(file, 'utf8')).toContain('<h1 dir="auto">Tuesday</h1>');

    writeFileSync(file, '<!doctype html>\n<p>Mine</p>');
    await expect(write()).rejects.toMatchObject({ code: 'file-exists', file });
    expect(readFileSync(file, 'utf8')).toContain('Mine');
    await write({ replacesOthers: true });
    expect(readFileSync(file, 'utf8')).toContain('What the scores say');
  });

  it('not at all when it is cancelled', async () => {
    storeInsightSongs(engine.library, songs(40));
    await write({ title: 'Monday' });
    await expect(write({ title: 'Tuesday' }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(readFileSync(file, 'utf8')).toContain('Monday');
  });
});
