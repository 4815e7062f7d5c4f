/** A song that was seen only while its file grew leaves no trace; any other song stays whatever becomes of its file. */
import { expect, test } from 'vitest';
import { openLibrary } from '../../../../src/engine/library/open-library.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { fileWith } from '../../../support/library-samples.ts';

const freshFolder = useFreshFolder();
const HOUR_MS = 3_600_000;

function openWithClock() {
  const clock = { nowMs: 1_700_000_000_000 };
  return { library: openLibrary(freshFolder('library.sqlite'), { now: () => clock.nowMs }), clock };
}

test('a growing file leaves one song behind', () => {
  const { library } = openWithClock();
  for (const content of ['a quarter', 'half', 'whole'])
    library.files.record(fileWith(content, '/night/song.wav'));
  expect(library.stats()).toMatchObject({ songs: 1, files: 1 });
  library.close();
});

test('a growing file that could not be read in between leaves one song behind too', () => {
  const { library } = openWithClock();
  library.files.record(fileWith('half', '/night/song.wav', { sizeBytes: 500 }));
  const whole = fileWith('whole', '/night/song.wav');
  library.files.recordFailure(whole.stamp, { code: 'ffmpeg-failed', message: 'It was killed.' });
  expect(library.stats()).toMatchObject({ songs: 0, files: 1, failedFiles: 1 });
  library.files.record(whole);
  expect(library.stats()).toMatchObject({ songs: 1, files: 1, failedFiles: 0 });
  library.close();
});

test('a song that has another file stays', () => {
  const { library } = openWithClock();
  library.files.record(fileWith('first', '/night/song.wav'));
  library.files.record(fileWith('first', '/copy/song.wav'));
  library.files.record(fileWith('second', '/night/song.wav'));
  expect(library.stats()).toMatchObject({ songs: 2, files: 2 });
  library.close();
});

test('an older song whose file was written over stays', () => {
  const { library, clock } = openWithClock();
  library.files.record(fileWith('first', '/night/song.wav'));
  clock.nowMs += 2 * HOUR_MS;
  library.files.record(fileWith('second', '/night/song.wav'));
  expect(library.stats()).toMatchObject({ songs: 2, files: 1 });
  library.close();
});

test('paths below a folder are listed without those of its neighbours', () => {
  const { library } = openWithClock();
  const below = Array.from({ length: 1500 }, (_, index) => `/night/${String(index).padStart(4, '0')}.wav`);
  const others = ['/night.wav', '/night2/song.wav', '/nigh/song.wav', '/night-2/a.wav'];
  for (const path of [...below, ...others]) library.files.record(fileWith(path, path));
  library.files.markMissing([below[0] ?? '']);
  expect([...library.files.presentBelow('/night')].flat()).toEqual(below.slice(1));
  expect([...library.files.presentBelow('/')].flat()).toHaveLength(below.length - 1 + others.length);
  library.close();
});
