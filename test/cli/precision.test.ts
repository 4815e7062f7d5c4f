/** Precision and pace on the command line: int8 has a ranking of its own, is compared with fp32, and runs say how they went. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agreementSchema } from '../../src/shared/precision-commands.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { parityFolder } from '../support/parity.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const waveforms = join(parityFolder, 'encoders', 'waveforms');
const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const tiny = ['--encoder', encoder, '--head', join(encoder, 'head.pt')];

test('songs are scored in int8 beside fp32, quietly, and the two are compared', async () => {
  const home = makeHome();
  const reference = await home.score([waveforms, ...tiny]);
  const quiet = await home.score([
    waveforms,
    ...tiny,
    '--precision',
    'int8',
    '--quiet-mode',
    '--threads',
    '1',
  ]);
  expect(quiet.exitCode).toBe(0);
  expect(quiet.results.every(({ cached }) => !cached)).toBe(true);
  expect(quiet.stderr).toMatch(/\d+ songs scored in 0:\d\d, encoder busy \d+\.\d % of the time\./);
  const scores = (results: typeof quiet.results) =>
    results.map(({ path, rawScore }) => [path, rawScore]).sort();
  expect(scores(quiet.results)).not.toEqual(scores(reference.results));
  const library = openLibrary(home.libraryFile, { readOnly: true });
  expect(library.rankings.list().map(({ precision }) => precision)).toEqual(['int8', 'fp32']);
  library.close();

  const none = await home.run(['models', 'agreement']);
  expect(none).toMatchObject({ exitCode: 0 });
  expect(none.stdout).toContain('banger models agreement int8');
  const measured = await home.run(['models', 'agreement', 'int8', ...tiny, '--format', 'json']);
  const [agreement] = agreementSchema.array().parse(JSON.parse(measured.stdout));
  expect(agreement).toMatchObject({ precision: 'int8', provider: 'cpu', songs: reference.results.length });
  const kept = await home.run(['models', 'agreement']);
  expect(kept.stdout).toContain(`On ${reference.results.length} of your songs with the head head`);
});

test('a precision that the provider lacks is refused with those that it has', async () => {
  const home = makeHome();
  const refused = await home.run(['score', waveforms, ...tiny, '--precision', 'fp16']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('fp32, int8');
  const unknown = await home.run(['models', 'agreement', 'fp8', ...tiny]);
  expect(unknown.exitCode).toBe(2);
});
