import { describe, expect, it } from 'vitest';
import { chosen, choicesOf, valueWhenAdded } from '../../../src/renderer/list/filter-choices.ts';
import {
  addableParts,
  filterParts,
  folderName,
  isSameFilter,
  wordsOfFilter,
} from '../../../src/renderer/list/filter-words.ts';
import { songFilterSchema } from '../../../src/shared/song-query.ts';

const known = {
  folders: ['/music/a'],
  genres: ['ambient', 'techno'],
  musicalKeys: ['A minor'],
  generators: [],
};

describe('a filter in words', () => {
  it('has a chip for every part that a filter can have', () => {
    expect([...filterParts].sort()).toEqual(Object.keys(songFilterSchema.shape).sort());
  });

  it('says what it lets through', () => {
    const words = wordsOfFilter({
      musicalKeys: ['Eb minor', 'C# major', 'G major'],
      score: { min: 3.3, max: 10 },
      folder: '/home/me/gradio_outputs/',
      tempoBpm: { min: 120, max: 128 },
      durationSeconds: { min: 90 },
      stars: { max: 3 },
      verdicts: ['undecided', 'keep'],
      text: 'neon rain',
      batch: 'latest',
      flags: ['cut-off'],
    }).map(({ name, value }) => `${name} ${value}`);
    expect(words).toEqual([
      'Search “neon rain”',
      'Folder gradio_outputs',
      'Batch latest',
      'Score 3.3–10',
      'Verdict undecided, kept',
      'Stars up to 3',
      'Key E♭ min, C♯ maj +1',
      'Tempo 120–128 BPM',
      'Time from 1:30',
      'Flags cut off',
    ]);
  });

  it('says that an empty list matches nothing', () => {
    expect(wordsOfFilter({ genres: [] })).toEqual([{ part: 'genres', name: 'Genre', value: 'none' }]);
    expect(wordsOfFilter({})).toEqual([]);
  });

  it('knows filters that say the same, whatever order they were built in', () => {
    expect(isSameFilter({ folder: '/a', stars: { min: 3 } }, { stars: { min: 3 }, folder: '/a' })).toBe(true);
    expect(isSameFilter({ folder: '/a' }, { folder: '/a', hasNote: true })).toBe(false);
    expect(isSameFilter({ verdicts: ['keep'] }, { verdicts: ['reject'] })).toBe(false);
  });

  it('names folders by their last part, on every system', () => {
    expect(folderName('/mnt/nas/generations')).toBe('generations');
    expect(folderName('C:\\Users\\me\\Songs\\')).toBe('Songs');
    expect(folderName('/')).toBe('/');
  });
});

describe('what can be chosen', () => {
  it('turns into filters that the engine takes', () => {
    for (const part of addableParts) {
      expect(songFilterSchema.safeParse(valueWhenAdded(part) ?? {}).success).toBe(true);
    }
    expect(chosen('genres', { genres: ['ambient'] }, 'techno', true)).toEqual({
      genres: ['ambient', 'techno'],
    });
    expect(chosen('folder', {}, '/music/a', true)).toEqual({ folder: '/music/a' });
  });

  it('is no filter once nothing is chosen any more', () => {
    expect(chosen('genres', { genres: ['ambient'] }, 'ambient', false)).toEqual({ genres: undefined });
    expect(chosen('missing', { missing: 'only' }, 'only', false)).toEqual({ missing: undefined });
  });

  it('still shows what is chosen where no song has it any more', () => {
    const choices = choicesOf('genres', { genres: ['polka'] }, known);
    expect(choices).toContainEqual({ value: 'polka', label: 'polka', isChosen: true });
    expect(choices).toContainEqual({ value: 'techno', label: 'techno', isChosen: false });
    expect(choicesOf('verdicts', {}, known).map(({ label }) => label)).toEqual([
      'Kept',
      'Rejected',
      'Undecided',
    ]);
  });
});
