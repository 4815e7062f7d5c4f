/** Embeddings and scores: bit for bit, once each, and never mixed. */
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Library } from '../../../../src/engine/library/library.ts';
import type { EmbeddingKey } from '../../../../src/shared/library.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { fileWith, modelNamed, spaceOf, vectorFor, withLibrary } from '../../../support/library-samples.ts';

const inFolder = useFreshFolder();

interface Setting {
  library: Library;
  /** A key for a new song of its own. */
  newKey: () => EmbeddingKey;
  headId: number;
}

function withEncoder<T>(embeddingSize: number, use: (setting: Setting) => T): T {
  return withLibrary(inFolder('library.sqlite'), (library) => {
    const encoder = library.encoders.register(modelNamed('encoder', embeddingSize));
    const head = library.heads.register(modelNamed('head', embeddingSize));
    let songs = 0;
    const newKey = () => {
      songs += 1;
      const { songId } = library.files.record(fileWith(`song ${songs}`, `/music/${songs}.mp3`));
      return { ...spaceOf(encoder.id), songId };
    };
    return use({ library, newKey, headId: head.id });
  });
}

const bitsOf = (vector: Float32Array | undefined) => [
  ...new Uint32Array(Float32Array.from(vector ?? []).buffer),
];

describe('an embedding', () => {
  it('comes back bit for bit, with what was stored beside it', () => {
    const finiteFloat = fc.float({ noNaN: true, noDefaultInfinity: true });
    withEncoder(8, ({ library, newKey }) => {
      fc.assert(
        fc.property(fc.array(finiteFloat, { minLength: 8, maxLength: 8 }), (values) => {
          const key = newKey();
          // Not at the start of its buffer, as a piece of a batch would lie.
          const vector = Float32Array.from([0, ...values]).subarray(1);
          const id = library.embeddings.put(key, vector, 'cpu');
          const stored = library.embeddings.get(key);
          expect(stored).toMatchObject({ id, provider: 'cpu' });
          expect(bitsOf(stored?.vector)).toEqual(bitsOf(vector));
        }),
      );
    });
  });

  it('lies in the file as little-endian float32', () => {
    withEncoder(2, ({ library, newKey }) => {
      library.embeddings.put(newKey(), Float32Array.of(1, -2), 'cpu');
    });
    const database = new Database(inFolder('library.sqlite'), { readonly: true });
    const blob = database.prepare<[], Buffer>('SELECT vector FROM embeddings').pluck().get();
    database.close();
    expect(blob?.toString('hex')).toBe('0000803f000000c0');
  });

  it('is found by its whole key only', () => {
    withEncoder(4, ({ library, newKey }) => {
      const key = newKey();
      const other = library.encoders.register(modelNamed('another'));
      library.embeddings.put(key, vectorFor(1), 'cpu');
      const variations: Partial<EmbeddingKey>[] = [
        { songId: key.songId + 1 },
        { encoderId: other.id },
        { decodeRecipe: 'swr-1' },
        { window: { startSeconds: 0.1, lengthSeconds: 30 } },
        { window: { startSeconds: 0, lengthSeconds: 29.9 } },
        { precision: 'int8' },
      ];
      for (const variation of variations) expect(library.embeddings.get({ ...key, ...variation })).toBeNull();
      const half: EmbeddingKey = { ...key, precision: 'fp16' };
      library.embeddings.put(half, vectorFor(2), 'cuda');
      expect(library.embeddings.get(key)?.vector).toEqual(vectorFor(1));
      expect(library.embeddings.get(half)?.vector).toEqual(vectorFor(2));
      expect(
        library.embeddings.spaces().map(({ space, embeddings }) => [space.precision, embeddings]),
      ).toEqual([
        ['fp32', 1],
        ['fp16', 1],
      ]);
    });
  });

  it('that was finished twice stays as it was first, with its score', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const key = newKey();
      const embeddingId = library.embeddings.put(key, vectorFor(1), 'cpu');
      library.scores.put({ embeddingId, headId }, { rawScore: 5, score: 5 });
      expect(library.embeddings.put(key, vectorFor(2), 'cuda')).toBe(embeddingId);
      expect(library.embeddings.get(key)).toMatchObject({ vector: vectorFor(1), provider: 'cpu' });
      expect(library.scores.get({ embeddingId, headId })).toEqual({ rawScore: 5, score: 5 });
    });
  });

  it('that is replaced takes its scores with it', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const key = newKey();
      const embeddingId = library.embeddings.put(key, vectorFor(1), 'cpu');
      library.scores.put({ embeddingId, headId }, { rawScore: 5, score: 5 });
      const newId = library.embeddings.replace(key, vectorFor(2), 'cuda');
      expect(library.embeddings.get(key)).toMatchObject({
        id: newId,
        vector: vectorFor(2),
        provider: 'cuda',
      });
      expect(library.stats()).toMatchObject({ embeddings: 1, scores: 0 });
    });
  });

  it.each([
    ['NaN', Float32Array.of(1, NaN, 1, 1), 'inference-failed'],
    ['an infinite value', Float32Array.of(1, 1, -Infinity, 1), 'inference-failed'],
    ['too few values', vectorFor(1, 3), 'checkpoint-mismatch'],
    ['too many values', vectorFor(1, 5), 'checkpoint-mismatch'],
    ['no values', new Float32Array(), 'checkpoint-mismatch'],
  ])('with %s is refused', (_, vector, code) => {
    withEncoder(4, ({ library, newKey }) => {
      const key = newKey();
      expect(() => library.embeddings.put(key, vector, 'cpu')).toThrow(expect.objectContaining({ code }));
      expect(library.stats().embeddings).toBe(0);
    });
  });

  it('of a song or encoder that is not there is refused', () => {
    withEncoder(4, ({ library, newKey }) => {
      for (const wrong of [{ songId: 99 }, { encoderId: 99 }])
        expect(() => library.embeddings.put({ ...newKey(), ...wrong }, vectorFor(1), 'cpu')).toThrow(
          expect.objectContaining({ code: 'library-failed' }),
        );
    });
  });

  it('that was cut in the file is reported as damage', () => {
    withEncoder(4, ({ library, newKey }) => {
      const key = newKey();
      library.embeddings.put(key, vectorFor(1), 'cpu');
      const database = new Database(inFolder('library.sqlite'));
      database.exec('UPDATE embeddings SET vector = substr(vector, 1, 12)');
      database.close();
      const corrupt = expect.objectContaining({ code: 'library-corrupt' }) as unknown;
      expect(() => library.embeddings.get(key)).toThrow(corrupt);
      expect(() => [...library.embeddings.batches(key)]).toThrow(corrupt);
    });
  });
});

describe('batches', () => {
  it('give every embedding of one space once, in whole batches', () => {
    withEncoder(3, ({ library, newKey }) => {
      const keys = Array.from({ length: 25 }, newKey);
      keys.forEach((key, index) => {
        library.embeddings.put(key, vectorFor(index, 3), 'cpu');
        library.embeddings.put({ ...key, precision: 'int8' }, vectorFor(-index, 3), 'cpu');
      });
      const space = keys[0] ?? spaceOf(0);
      const batches = [...library.embeddings.batches(space, { batchSize: 10 })];
      expect(batches.map(({ embeddingIds }) => embeddingIds.length)).toEqual([10, 10, 5]);
      expect(batches.flatMap(({ songIds }) => songIds)).toEqual(keys.map(({ songId }) => songId));
      expect(batches.flatMap(({ vectors }) => [...vectors])).toEqual(
        keys.flatMap((_, index) => [...vectorFor(index, 3)]),
      );
    });
  });

  it('go on rightly while the scores that they are made into are stored', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      for (let index = 0; index < 12; index += 1) library.embeddings.put(newKey(), vectorFor(index), 'cpu');
      const space = newKey();
      const rescore = (limit: number) => {
        let batches = 0;
        for (const batch of library.embeddings.batches(space, {
          batchSize: 5,
          withoutScoreByHeadId: headId,
        })) {
          if ((batches += 1) > limit) break;
          library.scores.putAll(
            batch.embeddingIds.map((embeddingId) => ({ embeddingId, headId, rawScore: 1, score: 1 })),
          );
        }
        return batches;
      };
      rescore(1);
      expect(library.stats().scores).toBe(5);
      expect(rescore(10)).toBe(2);
      expect(library.stats().scores).toBe(12);
      expect(rescore(10)).toBe(0);
    });
  });

  it('of an unknown space are none', () => {
    withEncoder(4, ({ library }) => {
      expect([...library.embeddings.batches(spaceOf(1))]).toEqual([]);
    });
  });
});

describe('scores', () => {
  it('are kept exactly, by head, and replaced by newer ones', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const embeddingId = library.embeddings.put(newKey(), vectorFor(1), 'cpu');
      const other = library.heads.register(modelNamed('other head'));
      const scores = [
        { rawScore: -0.1234567890123456, score: 0 },
        { rawScore: 10.75, score: 10 },
      ];
      for (const score of scores) {
        library.scores.put({ embeddingId, headId }, score);
        expect(library.scores.get({ embeddingId, headId })).toEqual(score);
      }
      expect(library.scores.get({ embeddingId, headId: other.id })).toBeNull();
    });
  });

  it('that are not numbers are refused, and the rest of their lot with them', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const [one = 0, two = 0] = [newKey(), newKey()].map((key) =>
        library.embeddings.put(key, vectorFor(1), 'cpu'),
      );
      expect(() => {
        library.scores.putAll([
          { embeddingId: one, headId, rawScore: 1, score: 1 },
          { embeddingId: two, headId, rawScore: NaN, score: 0 },
        ]);
      }).toThrow(expect.objectContaining({ code: 'inference-failed' }));
      expect(library.stats().scores).toBe(0);
    });
  });
});

describe('models', () => {
  it('are known by their hash, whatever they are called', () => {
    withEncoder(4, ({ library }) => {
      const model = modelNamed('model');
      const first = library.encoders.register(model);
      expect(library.encoders.register(model)).toEqual(first);
      const renamed = library.encoders.register({ ...model, name: 'renamed' });
      expect(renamed).toEqual({ ...first, name: 'renamed' });
      expect(library.encoders.bySha256(model.sha256)).toEqual(renamed);
      expect(library.encoders.byId(first.id)).toEqual(renamed);
      const changed = library.encoders.register({ ...modelNamed('changed weights'), name: 'renamed' });
      expect(changed.id).not.toBe(first.id);
      expect(() => library.encoders.register({ ...model, embeddingSize: 5 })).toThrow(
        expect.objectContaining({ code: 'checkpoint-mismatch' }),
      );
    });
  });

  it('that are known can be asked for in a library that is only read', () => {
    const model = modelNamed('encoder');
    const known = withEncoder(4, ({ library }) => library.encoders.bySha256(model.sha256));
    const readOnly = { readOnly: true };
    withLibrary(
      inFolder('library.sqlite'),
      (library) => {
        expect(library.encoders.register(model)).toEqual(known);
        expect(() => library.encoders.register(modelNamed('new'))).toThrow(
          expect.objectContaining({ code: 'library-read-only' }),
        );
      },
      readOnly,
    );
  });
});
