/** Tests of the tables behind plots: people’s numbers, and CSV that any reader takes apart again. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { column, formatCell, formatNumber, makeTable, tableToCsv } from '../../src/shared/data-table.ts';

describe('numbers for people', () => {
  it('have a true minus, and no minus before nothing', () => {
    expect(formatNumber(-1.234, 2)).toBe('−1.23');
    expect(formatNumber(-0.001, 2)).toBe('0.00');
  });

  it('are percent where they are shares, and dashes where there are none', () => {
    const share = { id: 'rate', label: 'share', kind: 'share', digits: 0 } as const;
    expect([0.256, -0.5, null, Number.NaN].map((cell) => formatCell(cell, share))).toEqual([
      '26 %',
      '−50 %',
      '–',
      '–',
    ]);
    expect(formatCell(true, { ...share, kind: 'flag' })).toBe('yes');
  });
});

describe('a table as CSV', () => {
  it('comes back cell by cell, whatever the words are', () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('=1+1', '-x', '＝a', 'a,"b"\r\nc', ''),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ name: words, mean: fc.double() })), (rows) => {
        const table = makeTable({ name: 'groups', caption: '' }, rows, [
          column<(typeof rows)[number]>('name', 'name', 'text', ({ name }) => name),
          column('mean', 'mean', 'number', ({ mean }) => mean),
        ]);
        const [header, ...read] = parse(tableToCsv(table), { recordDelimiter: '\r\n' });
        expect(header).toEqual(['name', 'mean']);
        expect(read).toEqual(
          rows.map(({ name, mean }) => [
            /^[=+\-@\t\r＝＋－＠]/u.test(name) ? `'${name}` : name,
            Number.isFinite(mean) ? String(mean) : '',
          ]),
        );
      }),
    );
  });
});
