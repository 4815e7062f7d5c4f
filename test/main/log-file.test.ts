import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LogFile } from '../../src/main/log-file.ts';
import { BangerError } from '../../src/shared/errors.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();

test('lines carry a time, a level and what was thrown with its details', () => {
  const log = new LogFile(inFolder('logs', 'main.log'));
  log.info('It starts');
  log.error('It failed', new BangerError('disk-full', 'The disk is full.', { details: 'ENOSPC' }));
  log.error('A record', { code: 'usage' });
  const lines = readFileSync(log.file, 'utf8').split('\n');
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info It starts$/);
  expect(lines[1]).toMatch(/error It failed: BangerError: The disk is full\.$/);
  expect(lines).toContain('  ENOSPC');
  expect(lines.at(-2)).toMatch(/error A record: \{"code":"usage"\}$/);
});

test('a file that grew long is put aside, and one old file is kept', () => {
  const file = inFolder('main.log');
  writeFileSync(file, 'x'.repeat(1_000_001));
  const log = new LogFile(file);
  log.info('first');
  log.info('second');
  expect(readFileSync(file, 'utf8')).toMatch(/first\n.*second\n$/);
  expect(statSync(`${file}.old`).size).toBe(1_000_001);
  expect(existsSync(`${file}.old.old`)).toBe(false);
});

test('where nothing can be written the app goes on', () => {
  const file = inFolder('main.log');
  mkdirSync(file);
  expect(() => {
    new LogFile(file).info('heard by nobody');
  }).not.toThrow();
});
