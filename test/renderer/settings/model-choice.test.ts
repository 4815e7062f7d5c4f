/** Which models are used together when a person picks one. */
import { expect, it } from 'vitest';
import { pairFor } from '../../../src/renderer/settings/model-choice.ts';
import type { ModelListing, ModelsInUse } from '../../../src/shared/model-commands.ts';

function model(kind: 'encoder' | 'head', id: string, fields: Partial<ModelListing> = {}): ModelListing {
  return {
    ...{ kind, id, title: id, state: 'installed', origin: 'imported', location: null, bytes: 1 },
    ...{ encoderId: null, embeddingSize: null, licence: null, downloadBytes: null, problem: null },
    ...fields,
  };
}

const mert = model('encoder', 'mert');
const draft = model('encoder', 'draft', { state: 'built-in' });
const banger = model('head', 'banger', { encoderId: 'mert' });
const own = model('head', 'own', { encoderId: 'mert' });
const draftHead = model('head', 'draft', { encoderId: 'draft', state: 'built-in' });
const all = [mert, draft, banger, own, draftHead];
const inUse: ModelsInUse = {
  ...{ encoder: 'draft', encoderLabel: 'Draft', head: 'draft', isDraft: true, precision: 'fp32' },
  ...{ provider: 'cpu', loadSeconds: null, windowLengthSeconds: 30 },
};

it('brings an encoder’s own head along, the one in use before others', () => {
  expect(pairFor(mert, all, inUse)).toEqual({ encoder: 'mert', head: 'banger' });
  expect(pairFor(mert, all, { ...inUse, head: 'own' })).toEqual({ encoder: 'mert', head: 'own' });
});

it('brings a head’s encoder along, and the one in use where none is known', () => {
  expect(pairFor(own, all, inUse)).toEqual({ encoder: 'mert', head: 'own' });
  const loose = model('head', 'loose');
  expect(pairFor(loose, [...all, loose], { ...inUse, encoder: 'mert' })).toEqual({
    encoder: 'mert',
    head: 'loose',
  });
});

it('finds no pair where the other half is not here', () => {
  const away = { ...banger, state: 'not-installed' as const };
  expect(pairFor(mert, [mert, away], inUse)).toBeNull();
  expect(pairFor(banger, [{ ...mert, state: 'partial' }, banger], inUse)).toBeNull();
});
