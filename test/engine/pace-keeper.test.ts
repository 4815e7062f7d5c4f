/** How hard the machine is worked: by settings, battery and heat, down to the threads of the real processes. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { appSettingsSchema } from '../../src/shared/app-settings.ts';
import { priorities, quietPace, usualPace } from '../../src/shared/pace.ts';
import { findFfmpeg } from '../../src/engine/audio/find-ffmpeg.ts';
import { Engine, type WorkPace } from '../../src/engine/engine.ts';
import { PaceKeeper, paceFor, type PaceSettings } from '../../src/engine/pace-keeper.ts';
import { unknownPower, type PowerState } from '../../src/engine/power-state.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makeSound } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';

const inFolder = useFreshFolder();
const cores = 8;
const usual: PaceSettings = appSettingsSchema.parse({});
const working: WorkPace = { ...usualPace, idleSeconds: 180, quietBecause: null, restBecause: null };
const paceWith = (settings: Partial<PaceSettings>, power: Partial<PowerState> = {}, former = working) =>
  paceFor({ ...usual, ...settings }, { ...unknownPower, ...power }, former, cores);
const onBattery = { isOnBattery: true, batteryShare: 0.8 };

describe('the pace', () => {
  test('is the usual one where nothing is set and nothing is known', () => {
    expect(paceWith({})).toEqual(working);
    expect(paceWith({ threads: 3, idleMinutes: 10 })).toEqual({ ...working, threads: 3, idleSeconds: 600 });
  });

  test('is quiet where the person says so, and never takes more than the threads that they chose', () => {
    const quiet = { ...working, ...quietPace(cores), quietBecause: 'setting' };
    expect(paceWith({ isQuiet: true })).toEqual(quiet);
    expect(paceWith({ isQuiet: true, threads: 2 })).toEqual({ ...quiet, threads: 2 });
    expect(paceWith({ isQuiet: true, threads: 64 })).toEqual({ ...quiet, threads: 4 });
    expect(quietPace(1)).toMatchObject({ threads: 1 });
  });

  test('is quiet on battery, and rests when it is low until there is some again', () => {
    expect(paceWith({}, onBattery)).toMatchObject({ threads: 4, quietBecause: 'battery', restBecause: null });
    const low = paceWith({}, { ...onBattery, batteryShare: 0.19 });
    expect(low.restBecause).toMatchObject({ code: 'battery-low' });
    const later = { ...onBattery, batteryShare: 0.22 };
    expect(paceWith({}, later, low).restBecause).not.toBeNull();
    expect(paceWith({}, later).restBecause).toBeNull();
    expect(paceWith({}, { ...later, isOnBattery: false }, low)).toEqual(working);
    expect(paceWith({ savesBattery: false }, { ...onBattery, batteryShare: 0.05 })).toEqual(working);
  });

  test('is quiet in heat, rests close to the end, and does not flutter', () => {
    const hot = paceWith({}, { degreesBelowHot: -1, degreesBelowCritical: 20 });
    expect(hot).toMatchObject({ quietBecause: 'heat', restBecause: null });
    expect(paceWith({}, { degreesBelowHot: 3 }, hot).quietBecause).toBe('heat');
    expect(paceWith({}, { degreesBelowHot: 3 }).quietBecause).toBeNull();
    const veryHot = paceWith({}, { degreesBelowHot: -6, degreesBelowCritical: 4 });
    expect(veryHot.restBecause).toMatchObject({ code: 'machine-hot' });
    expect(paceWith({}, { degreesBelowCritical: 8 }, veryHot).restBecause).not.toBeNull();
    expect(paceWith({}, { degreesBelowCritical: 12 }, veryHot).restBecause).toBeNull();
  });
});

test('the keeper follows the machine and goes on by itself', async () => {
  let power: PowerState = { ...unknownPower, ...onBattery };
  const engine = { pace: working, usePace: (pace: WorkPace) => void (engine.pace = pace) };
  const told: unknown[] = [];
  const keeper = new PaceKeeper({
    engine,
    settings: { read: () => usual },
    onChanged: () => told.push(engine.pace.quietBecause),
    readPower: () => Promise.resolve(power),
    pollMs: 5,
  });
  keeper.start();
  await waitUntil('work is quiet', () => engine.pace.quietBecause === 'battery');
  power = { ...power, isOnBattery: false };
  await waitUntil('work is as usual', () => engine.pace.quietBecause === null);
  await keeper.stop();
  expect(told).toEqual(['battery', null]);
});

describe('real processes', () => {
  const engines: Engine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });

  /** Niceness of every thread of a process, as Linux tells it. */
  function threadPriorities(processId: number): number[] {
    const tasks = `/proc/${processId}/task`;
    return readdirSync(tasks).map((task) => {
      const fields = readFileSync(`${tasks}/${task}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return Number(fields[16]);
    });
  }

  test('decode and encode below everything else when quiet, and take the new pace from the next song on', async () => {
    const { path } = await findFfmpeg();
    const nice = inFolder('nice');
    const program = inFolder('ffmpeg');
    writeFileSync(program, `#!/bin/sh\nsleep 0.2; nice >> '${nice}'\nexec '${path}' "$@"\n`);
    chmodSync(program, 0o755);
    const songs = ['a.wav', 'b.wav'].map((name) => inFolder(name));
    for (const [index, song] of songs.entries()) await makeSound(song, `sine=f=${300 + 70 * index}:d=1`);
    const engine = await Engine.open({
      folders: { libraryFile: inFolder('library.sqlite'), cacheFolder: inFolder('cache') },
      ffmpegPath: program,
      pace: quietPace(4),
    });
    engines.push(engine);
    const score = async (song: string | undefined) => {
      const request = { files: [song ?? ''], usesLibrary: false, encoder: 'draft' };
      for await (const { result } of engine.score(request)) expect(result.error).toBeNull();
    };

    await score(songs[0]);
    const { processId } = await engine.inference.status();
    expect(getPriority(processId)).toBe(priorities.lowest);
    const atWork = existsSync('/proc') ? threadPriorities(processId) : [];
    // Two threads of the encoder's session: the main one, and one that it made.
    expect(atWork.filter((priority) => priority === priorities.lowest).length).toBeGreaterThanOrEqual(2);
    const lines = () => readFileSync(nice, 'utf8').trim().split('\n');
    // Besides asking ffmpeg what it is, once before and in no hurry.
    const songLines = lines().filter((line) => line === String(priorities.lowest));
    expect(songLines.length).toBeGreaterThanOrEqual(2);
    expect(engine.inference.loadSeconds).toBeGreaterThan(0);

    engine.usePace({ ...working, ...usualPace });
    await score(songs[1]);
    const next = await engine.inference.status();
    expect(next.processId).not.toBe(processId);
    expect(getPriority(next.processId)).toBe(priorities.belowNormal);
    expect(lines().at(-1)).toBe(String(priorities.belowNormal));
  });
});
