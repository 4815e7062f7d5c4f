/** `banger watch` on the real command: what arrives, what it prints, how it ends. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeSound } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';
import { useBangerHomes } from '../support/run-banger.ts';
import { useSongFolder } from '../support/song-folder.ts';

const newHome = useBangerHomes();
const madeSong = useSongFolder();
const lineSchema = z.object({
  path: z.string(),
  outcome: z.string(),
  score: z.number().nullable().optional(),
});

beforeAll(async () => {
  for (const name of ['a.wav', 'b.wav']) await makeSound(madeSong(name), 'sine=d=1');
});

test('once: one line for each outcome, exit code 3 where some failed, nothing to do the second time', async () => {
  const home = newHome();
  mkdirSync(home.path('songs'));
  copyFileSync(madeSong('a.wav'), home.path('songs', 'a.wav'));
  writeFileSync(home.path('songs', 'broken.mp3'), 'no song');
  const command = ['watch', 'songs', '--once', '--settle', '0.2', '--format', 'jsonl'];
  const first = await home.run(command);
  expect(first.exitCode).toBe(3);
  const lines = first.stdout
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  expect(lines.map(({ outcome }) => outcome).sort()).toEqual(['failed', 'scored']);
  expect(await home.run(command)).toMatchObject({ exitCode: 0, stdout: '' });
});

test('an arrival is scored while it runs, and Ctrl-C ends it in good order', async () => {
  const home = newHome();
  mkdirSync(home.path('songs'));
  const stdoutFile = home.path('output.txt');
  const running = home.start(['watch', 'songs', '--settle', '0.2'], { stdoutFile });
  await sleep(300);
  copyFileSync(madeSong('b.wav'), home.path('songs', 'b.wav'));
  await waitUntil('the arrival is told', () => readFileSync(stdoutFile, 'utf8').includes('scored'));
  expect(home.count()).toMatchObject({ embeddings: 1, scores: 1 });
  running.interrupt();
  expect((await running.ended).exitCode).toBe(0);
});

test.each([0, 100, 300, 600])('Ctrl-C after %i ms ends it too', async (milliseconds) => {
  const home = newHome();
  mkdirSync(home.path('songs'));
  const running = home.start(['watch', 'songs']);
  await sleep(milliseconds);
  running.interrupt();
  // Before the program listens, the signal ends it; afterwards it ends itself.
  expect([0, null]).toContain((await running.ended).exitCode);
});

test('without a folder, or with one that is not there, it says so', async () => {
  const home = newHome();
  expect(await home.run(['watch'])).toMatchObject({ exitCode: 2 });
  const missing = await home.run(['watch', 'nowhere']);
  expect(missing.exitCode).toBe(1);
  expect(missing.stderr).toContain('There is no such folder.');
});
