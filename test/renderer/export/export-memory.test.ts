/** What the export dialog remembers, and what it makes of a memory that is not its own. */
import { expect, it } from 'vitest';
import { exportFormSchema } from '../../../src/renderer/export/export-form.ts';
import { keepExportForm, recallExportForm } from '../../../src/renderer/export/export-memory.ts';

function storageOf(entries: Map<string, string>) {
  return {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
  };
}

const usual = exportFormSchema.parse({});

it('recalls what was kept', () => {
  const storage = storageOf(new Map());
  const form = { ...usual, scope: 'percent' as const, percent: 5, pattern: '{title}' };
  keepExportForm(storage, form);
  expect(recallExportForm(storage)).toEqual(form);
});

it.each(['', 'not json', '[]', '{"scope":"everything"}', '{"diverse":7}'])(
  '%s recalls the usual form',
  (text) => {
    const storage = { getItem: () => text };
    expect(recallExportForm(storage)).toEqual(usual);
  },
);

it('does without a browser that refuses', () => {
  const refuse = () => {
    throw new Error('denied');
  };
  expect(recallExportForm({ getItem: refuse })).toEqual(usual);
  keepExportForm({ setItem: refuse }, usual);
});
