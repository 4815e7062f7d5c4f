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
          expect(library.embeddings.put(key, vector, 'cpu')).toBe(true);
          const stored = library.embeddings.get(key);
          expect(stored?.provider).toBe('cpu');
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
    const blob = database.prepare<[], Buffer>('SELECT vector FROM embedding_vectors').pluck().get();
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
      library.embeddings.put(key, vectorFor(1), 'cpu');
      library.scores.put(key, headId, { rawScore: 5, score: 5 });
      expect(library.embeddings.put(key, vectorFor(2), 'cuda')).toBe(false);
      expect(library.embeddings.get(key)).toMatchObject({ vector: vectorFor(1), provider: 'cpu' });
      expect(library.scores.get(key, headId)).toEqual({ rawScore: 5, score: 5 });
    });
  });

  it('that is replaced takes its scores with it, and only those', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const key = newKey();
      const half: EmbeddingKey = { ...key, precision: 'fp16' };
      for (const each of [key, half]) {
        library.embeddings.put(each, vectorFor(1), 'cpu');
        library.scores.put(each, headId, { rawScore: 5, score: 5 });
      }
      library.embeddings.replace(key, vectorFor(2), 'cuda');
      expect(library.embeddings.get(key)).toMatchObject({ vector: vectorFor(2), provider: 'cuda' });
      expect(library.scores.get(key, headId)).toBeNull();
      expect(library.scores.get(half, headId)).not.toBeNull();
      expect(library.stats()).toMatchObject({ embeddings: 2, scores: 1 });
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
      database.exec('UPDATE embedding_vectors SET vector = substr(vector, 1, 12)');
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
      expect(batches.map(({ songIds }) => songIds.length)).toEqual([10, 10, 5]);
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
          const scores = batch.songIds.map((songId) => ({ songId, rawScore: 1, score: 1 }));
          library.scores.putAll(space, headId, scores);
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
      const key = newKey();
      library.embeddings.put(key, vectorFor(1), 'cpu');
      const other = library.heads.register(modelNamed('other head'));
      const scores = [
        { rawScore: -0.1234567890123456, score: 0 },
        { rawScore: 10.75, score: 10 },
      ];
      for (const score of scores) {
        library.scores.put(key, headId, score);
        expect(library.scores.get(key, headId)).toEqual(score);
      }
      expect(library.scores.get(key, other.id)).toBeNull();
      expect(library.scores.get({ ...key, precision: 'int8' }, headId)).toBeNull();
    });
  });

  it('that are not numbers are refused, and the rest of their lot with them', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const keys = [newKey(), newKey()];
      for (const key of keys) library.embeddings.put(key, vectorFor(1), 'cpu');
      const scores = keys.map(({ songId }, index) => ({ songId, rawScore: index === 0 ? 1 : NaN, score: 1 }));
      expect(() => {
        library.scores.putAll(keys[0] ?? newKey(), headId, scores);
      }).toThrow(expect.objectContaining({ code: 'inference-failed' }));
      expect(library.stats().scores).toBe(0);
    });
  });

  it('without an embedding or a head are refused', () => {
    withEncoder(4, ({ library, newKey, headId }) => {
      const key = newKey();
      const failed = expect.objectContaining({ code: 'library-failed' }) as unknown;
      const put = (head: number) => () => {
        library.scores.put(key, head, { rawScore: 1, score: 1 });
      };
      expect(put(headId)).toThrow(failed);
      library.embeddings.put(key, vectorFor(1), 'cpu');
      expect(put(headId + 1)).toThrow(failed);
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
