/** `banger embed`, `train`, `evaluate` and `heads` on real files, with the real command. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { readHeadCard } from '../../src/engine/models/head-card-file.ts';
import { headComparisonSchema } from '../../src/shared/head-comparison.ts';
import {
  headEvaluationSchema,
  listedHeadSchema,
  trainedHeadSchema,
} from '../../src/shared/learn-commands.ts';
import { decodeNpy } from '../../src/shared/npy.ts';
import { tinyEncoder, writeLabelledSongs } from '../support/learn-songs.ts';
import { type BangerHome, useBangerHomes } from '../support/run-banger.ts';

const newHome = useBangerHomes();

function countEmbeddings(file: string): number {
  const library = openLibrary(file, { readOnly: true });
  try {
    return library.stats().embeddings;
  } finally {
    library.close();
  }
}

const songCount = 40;
/** A head small enough to be trained in a moment. */
const small = ['--widths', '16,8', '--dropout', '0.2', '--epochs', '12', '--batch-size', '8'];

describe('learning from a folder and a CSV file', () => {
  let home: BangerHome;
  const csvOf = (folder: string) => ['--csv', join(folder, 'songs.csv'), '--label', 'listens'];

  beforeAll(async () => {
    home = newHome();
    writeLabelledSongs(home.path('songs'), songCount);
    writeFileSync(home.path('songs', 'broken.wav'), 'RIFF no audio');
    writeFileSync(
      home.path('songs', 'songs.csv'),
      `${readFileSync(home.path('songs', 'songs.csv'), 'utf8')}broken.wav,500,Rock\n`,
    );
    const embedded = await home.run([
      ...['embed', home.path('songs'), ...csvOf(home.path('songs'))],
      ...['--encoder', tinyEncoder, '--out', home.path('set'), '--format', 'json'],
    ]);
    expect(embedded.exitCode, embedded.stderr).toBe(3);
    expect(embedded.stderr).toContain('broken.wav');
    expect(JSON.parse(embedded.stdout)).toMatchObject({ songs: songCount, embeddingSize: 64, failed: 1 });
    const trained = await home.run([
      ...['train', 'mine', '--embeddings', home.path('set'), '--format', 'json'],
      ...['--out', home.path('mine.pt'), ...small],
    ]);
    expect(trained.exitCode, trained.stderr).toBe(0);
    const report = trainedHeadSchema.parse(JSON.parse(trained.stdout));
    expect(report.card).toMatchObject({
      name: 'mine',
      encoder: { id: 'tiny-330m-like', embeddingSize: 64 },
      data: { songs: songCount, label: 'listens', trainSongs: 28, validationSongs: 6, testSongs: 6 },
      recipe: { widths: [16, 8], dropout: [0.2, 0.2], epochs: 12, batchSize: 8, learningRate: 1e-3 },
    });
    expect(report.card.encoder.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(report.evaluation.points).toHaveLength(6);
  });

  test('embeddings and metadata have the reference project’s form', () => {
    const { shape } = decodeNpy(readFileSync(home.path('set', 'embeddings.npy')));
    expect(shape).toEqual([songCount, 64]);
    const metadata: unknown = JSON.parse(readFileSync(home.path('set', 'metadata.json'), 'utf8'));
    expect(metadata).toMatchObject({ embedding_dim: 64, num_tracks: songCount, sample_rate: 24_000 });
  });

  test('the same data straight from the folder gives the same head', async () => {
    const again = await home.run([
      ...['train', 'again', ...csvOf(home.path('songs')), '--audio', home.path('songs')],
      ...['--encoder', tinyEncoder, '--format', 'json', ...small],
    ]);
    expect(again.exitCode, again.stderr).toBe(0);
    const { card } = trainedHeadSchema.parse(JSON.parse(again.stdout));
    const mine = await readHeadCard(home.path('mine.pt'));
    expect(card.test).toEqual(mine?.test);
    expect(card.data.splitSha256).toBe(mine?.data.splitSha256);
  });

  test('heads are listed with their cards, shown and exported', async () => {
    const listed = await home.run(['heads', 'list', '--format', 'json']);
    const heads = z.array(listedHeadSchema).parse(JSON.parse(listed.stdout));
    expect(heads.find(({ listing }) => listing.id === 'mine')?.card?.data.songs).toBe(songCount);
    const shown = await home.run(['heads', 'show', 'mine']);
    expect(shown.stdout).toContain('tiny-330m-like');
    const exported = await home.run(['heads', 'export', 'mine', home.path('copy.safetensors')]);
    expect(exported.exitCode).toBe(0);
    expect(await readHeadCard(home.path('copy.safetensors'))).toEqual(
      await readHeadCard(home.path('mine.pt')),
    );
  });

  test('scores songs with the head, by name and by file', async () => {
    const files = [home.path('songs', 'song 1.wav'), home.path('songs', 'song 2.wav')];
    const byName = await home.score([...files, '--encoder', tinyEncoder, '--head', 'mine']);
    const byFile = await home.score([...files, '--encoder', tinyEncoder, '--head', home.path('mine.pt')]);
    expect(byName.exitCode, byName.stderr).toBe(0);
    expect(byName.results.map(({ rawScore }) => rawScore)).toEqual(
      byFile.results.map(({ rawScore }) => rawScore),
    );
    expect(byName.results[0]?.head).toBe('mine');
  });

  test('judges the test part of its own data, and all songs of other data', async () => {
    const report = home.path('mine.html');
    const own = await home.run([
      ...['evaluate', 'mine', '--embeddings', home.path('set'), '--format', 'json', '--report', report],
    ]);
    const judged = headEvaluationSchema.parse(JSON.parse(own.stdout));
    expect(judged.part).toBe('test');
    expect(judged.evaluation.metrics).toEqual(judged.card?.test);
    expect(readFileSync(report, 'utf8')).toContain('that its training never saw');
    writeLabelledSongs(home.path('others'), 10);
    const other = await home.run([
      ...['evaluate', 'mine', ...csvOf(home.path('others')), '--audio', home.path('others')],
      ...['--encoder', tinyEncoder, '--format', 'json'],
    ]);
    expect(other.exitCode, other.stderr).toBe(0);
    expect(headEvaluationSchema.parse(JSON.parse(other.stdout))).toMatchObject({
      part: 'all',
      evaluation: { metrics: { songs: 10 }, baselines: [] },
    });
  });

  test('a head of another encoder is refused with the reason', async () => {
    const other = join(tinyEncoder, '..', 'tiny-95m-like');
    const scored = await home.run([
      'score',
      home.path('songs', 'song 1.wav'),
      '--encoder',
      other,
      '--head',
      'mine',
    ]);
    expect(scored.exitCode).toBe(1);
    expect(scored.stderr).toMatch(/head “mine” (was trained on|takes embeddings)/);
    const judged = await home.run([
      ...[
        'evaluate',
        'mine',
        ...csvOf(home.path('others')),
        '--audio',
        home.path('others'),
        '--encoder',
        other,
      ],
    ]);
    expect(judged.exitCode).toBe(1);
    expect(judged.stderr).toMatch(/head “mine” (was trained on|takes embeddings)/);
  });

  test('two heads are compared on the library’s songs, and removed', async () => {
    const second = await home.run([
      ...['train', 'second', '--embeddings', home.path('set'), '--seed', '9', '-q', ...small],
    ]);
    expect(second.exitCode, second.stderr).toBe(0);
    const compared = await home.run([
      'heads',
      'compare',
      'mine',
      'second',
      '--limit',
      '5',
      '--format',
      'json',
    ]);
    expect(compared.exitCode, compared.stderr).toBe(0);
    const comparison = headComparisonSchema.parse(JSON.parse(compared.stdout));
    expect(comparison).toMatchObject({ first: 'mine', second: 'second', encoder: 'tiny-330m-like' });
    expect(comparison.rows).toHaveLength(5);
    expect(comparison.rows[0]?.rise).toBe(
      (comparison.rows[0]?.firstRank ?? 0) - (comparison.rows[0]?.secondRank ?? 0),
    );
    const removed = await home.run(['heads', 'remove', 'second']);
    expect(removed.exitCode).toBe(0);
    expect((await home.run(['heads', 'show', 'second'])).exitCode).toBe(1);
  });

  test('a name that is taken, no source, two sources and a wrong recipe are wrong usage', async () => {
    const source = ['--embeddings', home.path('set')];
    for (const [given, words] of [
      [['train', 'mine', ...source], 'There is a model “mine” already'],
      [['train', 'x'], 'Nobody said what to learn from'],
      [['train', 'x', ...source, '--from-library', 'stars'], 'one source'],
      [['train', 'x', ...source, '--epochs', '0'], 'epochs'],
      [['train', 'x', ...csvOf(home.path('songs'))], '--audio'],
    ] as const) {
      const run = await home.run(given);
      expect(run.exitCode, given.join(' ')).toBe(2);
      expect(run.stderr).toContain(words);
    }
  });

  test('three songs, and verdicts that nobody gave, are told to be too little', async () => {
    writeLabelledSongs(home.path('three'), 3);
    const three = await home.run([
      ...[
        'train',
        'three',
        ...csvOf(home.path('three')),
        '--audio',
        home.path('three'),
        '--encoder',
        tinyEncoder,
      ],
    ]);
    expect(three.exitCode).toBe(1);
    expect(three.stderr).toContain('3 songs are too few');
    const none = await home.run(['train', 'none', '--from-library', 'verdicts', '--encoder', tinyEncoder]);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toContain('No song is left to learn from');
  });

  test('a head on the draft learns from stars, is used, makes drafts, and is replaced when it goes', async () => {
    const own = newHome();
    writeLabelledSongs(own.path('songs'), songCount);
    expect((await own.run(['score', own.path('songs'), '--quiet'])).exitCode).toBe(0);
    const songs = Array.from({ length: songCount }, (_, song) => own.path('songs', `song ${song}.wav`));
    for (const [stars, from] of [
      [1, 0],
      [3, 14],
      [5, 28],
    ] as const) {
      const rated = await own.run(['star', String(stars), ...songs.slice(from, from + 14)]);
      expect(rated.exitCode, rated.stderr).toBe(0);
    }
    const trained = await own.run([
      ...['train', 'taste', '--from-library', 'stars', '--encoder', 'draft', '--format', 'json', ...small],
    ]);
    expect(trained.exitCode, trained.stderr).toBe(0);
    const { card } = trainedHeadSchema.parse(JSON.parse(trained.stdout));
    expect(card).toMatchObject({ encoder: { id: 'draft' }, data: { label: 'stars', songs: songCount } });
    expect(card.data.notes.join(' ')).toContain('The draft measures sound');

    const other = await own.run(['heads', 'use', 'taste', '--encoder', tinyEncoder]);
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toContain('do not belong together');
    const used = await own.run(['heads', 'use', 'taste']);
    expect(used.exitCode, used.stderr).toBe(0);
    expect(used.stdout).toContain(`scored with taste on draft from now on; ${songCount} known songs`);
    const listed = await own.run(['list', '--format', 'json', '--limit', '3']);
    expect(listed.stdout).toContain('"isDraft": true');

    const removed = await own.run(['heads', 'remove', 'taste']);
    expect(removed.stdout).toContain('from now on it scores with draft on draft');
  });

  test('plays are labels as listens are, and nobody’s plays are too little', async () => {
    const own = newHome();
    writeLabelledSongs(own.path('songs'), 20);
    expect((await own.run(['score', own.path('songs'), '--quiet'])).exitCode).toBe(0);
    const train = ['train', 'heard', '--from-library', 'plays', '--encoder', 'draft', '--format', 'json'];
    const none = await own.run([...train, ...small]);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toContain('never played: 20 songs');
    const library = openLibrary(own.libraryFile);
    try {
      for (let songId = 1; songId <= 16; songId++) {
        for (let play = 0; play < songId; play++) library.plays.record(songId);
      }
    } finally {
      library.close();
    }
    const trained = await own.run([...train, ...small]);
    expect(trained.exitCode, trained.stderr).toBe(0);
    const { card } = trainedHeadSchema.parse(JSON.parse(trained.stdout));
    expect(card.data).toMatchObject({
      ...{ label: 'plays', songs: 16, scale: { method: 'log-minmax', minimum: 1, maximum: 16 } },
    });
    // log1p(3) between log1p(1) and log1p(16).
    expect(card.labelPercentiles[0]).toBe(0);
    expect(card.labelPercentiles[100]).toBe(10);
  });

  test('the person’s own verdicts are labels', async () => {
    const songs = Array.from({ length: 20 }, (_, song) => home.path('songs', `song ${song}.wav`));
    expect((await home.run(['keep', ...songs.slice(0, 10)])).exitCode).toBe(0);
    expect((await home.run(['reject', ...songs.slice(10)])).exitCode).toBe(0);
    const trained = await home.run([
      ...[
        'train',
        'taste',
        '--from-library',
        'verdicts',
        '--encoder',
        tinyEncoder,
        '--format',
        'json',
        ...small,
      ],
    ]);
    expect(trained.exitCode, trained.stderr).toBe(0);
    const { card } = trainedHeadSchema.parse(JSON.parse(trained.stdout));
    expect(card.data).toMatchObject({ label: 'verdicts', songs: 20, scale: { method: 'none' } });
    expect(new Set(card.labelPercentiles.filter((label) => label === 0 || label === 10))).toEqual(
      new Set([0, 10]),
    );
  });
});

test('a training that is killed goes on with the same command, to the same head', async () => {
  const home = newHome();
  writeLabelledSongs(home.path('songs'), 30);
  const embed = ['embed', home.path('songs'), '--csv', home.path('songs', 'songs.csv'), '--label', 'listens'];
  const set = await home.run([...embed, '--encoder', tinyEncoder, '--out', home.path('set')]);
  expect(set.exitCode, set.stderr).toBe(0);
  const train = (name: string) => [
    ...['train', name, '--embeddings', home.path('set'), '--widths', '2048,512,8', '--dropout', '0.2'],
    ...['--epochs', '400', '--patience', '400', '--batch-size', '8', '--format', 'json'],
  ];
  const undisturbed = await home.run(train('whole'));
  expect(undisturbed.exitCode, undisturbed.stderr).toBe(0);

  const checkpoint = home.path('cache', 'banger-scorer', 'training', 'killed.checkpoint');
  const running = home.start(train('killed'));
  await expect.poll(() => existsSync(checkpoint), { timeout: 60_000, interval: 20 }).toBe(true);
  running.interrupt('SIGKILL');
  expect((await running.ended).exitCode).toBeNull();
  const resumed = await home.run(train('killed'));
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/Going on after epoch [1-9]/);
  const [whole, killed] = [undisturbed, resumed].map(({ stdout }) =>
    trainedHeadSchema.parse(JSON.parse(stdout)),
  );
  expect(killed?.card.test).toEqual(whole?.card.test);
  expect(killed?.card.bestEpoch).toBe(whole?.card.bestEpoch);
  expect(existsSync(checkpoint)).toBe(false);
}, 240_000);

test('500 songs whose embedding is killed in the middle come out like those of a run that was left alone', async () => {
  const home = newHome();
  writeLabelledSongs(home.path('songs'), 500);
  const embed = (out: string, library: string) => [
    ...['embed', home.path('songs'), '--encoder', tinyEncoder],
    ...['--out', home.path(out), '--library', home.path(library)],
  ];
  const whole = await home.run(embed('whole', 'whole.sqlite'));
  expect(whole.exitCode, whole.stderr).toBe(0);
  const running = home.start(embed('killed', 'killed.sqlite'));
  const countKept = () =>
    existsSync(home.path('killed.sqlite')) ? countEmbeddings(home.path('killed.sqlite')) : 0;
  await expect.poll(countKept, { timeout: 120_000, interval: 50 }).toBeGreaterThan(60);
  running.interrupt('SIGKILL');
  await running.ended;
  const kept = countKept();
  expect(kept).toBeLessThan(500);
  expect(existsSync(home.path('killed', 'embeddings.npy'))).toBe(false);
  const resumed = await home.run(embed('killed', 'killed.sqlite'));
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(readFileSync(home.path('killed', 'embeddings.npy'))).toEqual(
    readFileSync(home.path('whole', 'embeddings.npy')),
  );
}, 400_000);
