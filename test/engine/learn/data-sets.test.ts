/** Labels from CSV files of every kind, and embeddings in the reference project's form. */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCsvColumns } from '../../../src/engine/learn/csv-columns.ts';
import { readEmbeddingFolder, writeEmbeddingFolder } from '../../../src/engine/learn/embedding-folder.ts';
import { readLabelledSongs } from '../../../src/engine/learn/labelled-songs.ts';
import { assembleData } from '../../../src/engine/learn/training-data.ts';
import { csvSourceSchema } from '../../../src/shared/data-source.ts';
import { encodeNpy } from '../../../src/shared/npy.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();

/** The songs that a CSV text labels; files need not exist to be matched by name. */
function read(text: string, files: readonly string[], options: Record<string, unknown> = {}) {
  writeFileSync(inFolder('songs.csv'), text);
  const source = csvSourceSchema.parse({
    kind: 'csv',
    file: inFolder('songs.csv'),
    audioFolder: inFolder('audio'),
    ...options,
  });
  return readLabelledSongs(
    source,
    files.map((file) => inFolder('audio', file)),
  );
}

const tracks = `,album,set,set,track,track,track
,listens,split,subset,genre_top,interest,listens
track_id,,,,,,
2,9,training,small,Hip-Hop,1,1293
5,9,training,small,,1,0
10,9,training,medium,Pop,1,50135
140,9,test,small,"Folk, ""old""",1,361
141,9,test,small,Folk,1,
142,9,test,small,Folk,1,-4
`;

describe('tracks.csv of the Free Music Archive', () => {
  test('gives the small subset’s listens and genres, by track number', async () => {
    const { songs, notes, scale, labelName } = await read(tracks, [
      '000/000002.mp3',
      '000/000140.mp3',
      '000/000010.mp3',
    ]);
    expect(songs.map(({ name, value, genre }) => [name, value, genre])).toEqual([
      ['2', 1293, 'Hip-Hop'],
      ['140', 361, 'Folk, "old"'],
    ]);
    expect(songs.map(({ label }) => label)).toEqual([10, 0]);
    expect(labelName).toBe('listens');
    expect(scale).toEqual({ method: 'log-minmax', minimum: 361, maximum: 1293 });
    expect(notes.join(' ')).toBe(
      '1 rows have the value 0 and are left out. 1 rows have no value and are left out. ' +
        '1 rows have a negative value and are left out. 1 rows are not “small” and are left out.',
    );
  });

  test('scales over every row with a label, also those whose song is not here', async () => {
    const { songs, notes } = await read(tracks, ['000002.mp3', '000010.mp3'], {
      onlyColumn: 'split',
      onlyValue: 'training',
    });
    expect(songs.map(({ label }) => label)).toEqual([0, 10]);
    const fewer = await read(tracks, ['000140.mp3']);
    expect(fewer.songs.map(({ label }) => label)).toEqual([0]);
    expect(fewer.notes).toContain('1 of 2 rows with a label have no file in the folder.');
    expect(notes).not.toContain('file in the folder');
  });

  test('can be asked for another column', async () => {
    await expect(read(tracks, ['000002.mp3'], { labelColumn: 'plays' })).rejects.toMatchObject({
      code: 'data-unusable',
      message: 'The file has no column “plays”.',
      nextStep: expect.stringContaining('track.interest') as string,
    });
  });
});

test('the columns of a file are told before anything is chosen', async () => {
  writeFileSync(inFolder('tracks.csv'), tracks);
  expect(await readCsvColumns(inFolder('tracks.csv'))).toEqual({
    isTracksFile: true,
    columns: expect.arrayContaining(['track.listens', 'track.interest', 'set.subset']) as string[],
    label: 'track.listens',
    path: null,
    genre: 'track.genre_top',
  });
  writeFileSync(inFolder('own.csv'), 'Stars;File_Name;Style\n5;a.wav;Rock\n');
  expect(await readCsvColumns(inFolder('own.csv'))).toEqual({
    ...{ isTracksFile: false, columns: ['Stars', 'File_Name', 'Style'] },
    ...{ label: null, path: 'File_Name', genre: 'Style' },
  });
  writeFileSync(inFolder('empty.csv'), '');
  await expect(readCsvColumns(inFolder('empty.csv'))).rejects.toMatchObject({ code: 'data-unusable' });
});

describe('any CSV file', () => {
  test('finds songs by path, by name and by name without ending, and the first row of a song counts', async () => {
    const text =
      '\uFEFFfile;rating;style\nsub/a.wav;1;Rock\nb.flac;2;\nc;3;Pop\na.wav;9;Rock\n\nmissing.wav;4;Pop\n';
    const { songs, notes } = await read(text, ['sub/a.wav', 'b.flac', 'deep/c.ogg'], {
      labelColumn: 'rating',
      scale: 'none',
    });
    expect(songs.map(({ value, genre }) => [value, genre])).toEqual([
      [1, 'Rock'],
      [2, null],
      [3, 'Pop'],
    ]);
    expect(notes).toEqual([
      '1 of 5 rows with a label have no file in the folder.',
      '1 rows name a song again; the first counts.',
    ]);
  });

  test.each([
    ['name,score\na,1\n', {}, 'Nobody said which column holds the labels.'],
    [
      'name,score\na,1\n',
      { labelColumn: 'score' },
      'No column has a name under which songs are usually listed.',
    ],
    ['path,score\na,1\n', { labelColumn: 'stars' }, 'The file has no column “stars”.'],
    [
      'path,score\nz.wav,1\n',
      { labelColumn: 'score' },
      'There is nothing to learn from: no row names a song of the folder.',
    ],
    [
      'path,score\na.wav,many\n',
      { labelColumn: 'score' },
      'There is nothing to learn from: no row has a usable value in the column “score”.',
    ],
    [
      'path,score\na.wav,7\nb.wav,7\nc.wav,7\n',
      { labelColumn: 'score' },
      'All songs have the same label, 7: there is nothing to learn from.',
    ],
    ['', { labelColumn: 'score' }, 'The CSV file is empty.'],
  ])('%j is refused with the reason', async (text, options, message) => {
    await expect(read(text, ['a.wav', 'b.wav', 'c.wav'], options)).rejects.toMatchObject({
      code: 'data-unusable',
      message,
    });
  });

  test('a quote that is never closed does not eat the memory', async () => {
    const text = `path,score\na.wav,"${'x'.repeat(6 * 2 ** 20)}`;
    await expect(read(text, ['a.wav'], { labelColumn: 'score' })).rejects.toMatchObject({
      code: 'data-unusable',
    });
  });

  test('a missing file is told', async () => {
    const source = csvSourceSchema.parse({
      kind: 'csv',
      file: inFolder('none.csv'),
      audioFolder: '.',
      labelColumn: 'x',
    });
    await expect(readLabelledSongs(source, [])).rejects.toMatchObject({ code: 'file-missing' });
  });

  test('of two million rows is read with bounded memory', async () => {
    const file = inFolder('large.csv');
    const stream = createWriteStream(file);
    stream.write('path,listens,genre\n');
    for (let block = 0; block < 200; block++) {
      const rows = Array.from(
        { length: 10_000 },
        (_, row) => `folder/song ${block * 10_000 + row}.mp3,${row + 1},Rock\n`,
      );
      if (!stream.write(rows.join(''))) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'close');
    const source = csvSourceSchema.parse({
      kind: 'csv',
      file,
      audioFolder: inFolder('audio'),
      labelColumn: 'listens',
    });
    const before = process.memoryUsage.rss();
    let peak = before;
    const meter = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    try {
      const { songs, notes, scale } = await readLabelledSongs(source, [
        inFolder('audio', 'song 0.mp3'),
        inFolder('audio', 'song 1999999.mp3'),
      ]);
      expect(songs.map(({ label }) => label)).toEqual([0, 10]);
      expect(scale).toMatchObject({ minimum: 1, maximum: 10_000 });
      expect(notes).toEqual(['1999998 of 2000000 rows with a label have no file in the folder.']);
    } finally {
      clearInterval(meter);
    }
    expect(peak - before).toBeLessThan(300 * 2 ** 20);
  }, 240_000);
});

describe('embeddings.npy and metadata.json', () => {
  const song = (name: string, values: number[], label: number | null) => ({
    name,
    embedding: Float32Array.from(values),
    label,
    value: label,
    genre: null,
    loudness: -14,
  });
  const about = {
    encoder: { id: 'mert-v1-330m', sha256: 'ab'.repeat(32) },
    source: 'A test.',
    label: 'listens',
    scale: { method: 'log-minmax', minimum: 1, maximum: 9 } as const,
    notes: [],
    sampleRateHz: 24_000,
    device: 'cpu',
    seconds: 1,
  };

  test('come back as they were written; songs without label, twice or not finite are left out', async () => {
    const folder = inFolder('set');
    const songs = [
      song('2', [1, 2], 0),
      song('x.wav', [3, 4], 10),
      song('y.wav', [5, 6], null),
      song('2', [7, 8], 5),
      song('z.wav', [NaN, 8], 5),
    ];
    await writeEmbeddingFolder(folder, songs, about);
    const data = await readEmbeddingFolder(folder);
    expect([...data.embeddings]).toEqual([1, 2, 3, 4]);
    expect([...data.labels]).toEqual([0, 10]);
    expect(data.names).toEqual(['2', 'x.wav']);
    expect([...data.loudness]).toEqual([-14, -14]);
    expect(data.encoder).toEqual(about.encoder);
    expect(data.notes).toHaveLength(3);
  });

  /** As the reference project writes it, without anything of ours. */
  function writeReference(labels: unknown[], text = (json: string) => json) {
    mkdirSync(inFolder('reference'));
    const ids = labels.map((_, row) => row + 2);
    writeFileSync(
      inFolder('reference', 'embeddings.npy'),
      encodeNpy(
        [labels.length, 2],
        Float32Array.from({ length: 2 * labels.length }, (_, i) => i),
      ),
    );
    const metadata = {
      track_ids: ids,
      labels,
      embedding_dim: 2,
      num_tracks: ids.length,
      model: 'm-a-p/MERT-v1-330M',
      sample_rate: 24000,
      device: 'mps',
      audio_load_time_s: 0,
      inference_time_s: 1.5,
    };
    writeFileSync(inFolder('reference', 'metadata.json'), text(JSON.stringify(metadata)));
    return inFolder('reference');
  }
  const label = (value: number) => ({ banger_score: value, genre: 'Rock', listens: 3 });

  test('of the reference project are read', async () => {
    const data = await readEmbeddingFolder(writeReference([label(1), label(9.5)]));
    expect(data).toMatchObject({
      embeddingSize: 2,
      names: ['2', '3'],
      genres: ['Rock', 'Rock'],
      encoder: { id: 'mert-v1-330m', sha256: null },
    });
  });

  test('that do not go together, or hold what JSON cannot, are refused with the reason', async () => {
    const folder = writeReference([label(1), label(2)], (json) =>
      json.replace('"banger_score":1', '"banger_score": NaN'),
    );
    await expect(readEmbeddingFolder(folder)).rejects.toMatchObject({
      code: 'data-unusable',
      message: expect.stringContaining('NaN') as string,
    });
    writeFileSync(join(folder, 'metadata.json'), '{"track_ids": []}');
    await expect(readEmbeddingFolder(folder)).rejects.toMatchObject({ code: 'data-unusable' });
    await expect(readEmbeddingFolder(inFolder('nowhere'))).rejects.toMatchObject({ code: 'file-missing' });
  });

  test('with equal labels are nothing to learn from', () => {
    const rows = ['a', 'b', 'c'].map((name) => ({
      name,
      identity: name,
      embedding: Float32Array.of(1),
      label: 5,
      genre: null,
      loudness: NaN,
    }));
    expect(() => assembleData(rows, about)).toThrow(/All 3 songs have the same label/);
  });
});
