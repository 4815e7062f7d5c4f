/** What the machine says of battery and heat, from trees as Linux shows them and words as macOS and Windows say them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readPower, unknownPower, type PowerState, type RunProgram } from '../../src/engine/power-state.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';

const inFolder = useFreshFolder();

const notRun: RunProgram = () => Promise.reject(new Error('No program is to be run here.'));

/** A tree as below `/sys/class`. */
function readTree(files: Record<string, string>): Promise<PowerState> {
  for (const [name, content] of Object.entries(files)) {
    const file = inFolder(join('class', name));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${content}\n`);
  }
  return readPower({ platform: 'linux', classFolder: inFolder('class'), runProgram: notRun });
}

const laptop = {
  'power_supply/AC/type': 'Mains',
  'power_supply/AC/online': '0',
  'power_supply/BAT0/type': 'Battery',
  'power_supply/BAT0/status': 'Discharging',
  'power_supply/BAT0/capacity': '64',
  'power_supply/hidpp_battery_0/type': 'Battery',
  'power_supply/hidpp_battery_0/scope': 'Device',
  'power_supply/hidpp_battery_0/status': 'Discharging',
  'power_supply/hidpp_battery_0/capacity': '5',
};

test('a laptop on its battery; the mouse’s does not count', async () => {
  expect(await readTree(laptop)).toMatchObject({ isOnBattery: true, batteryShare: 0.64 });
});

test('a laptop that is plugged in, also where the plug is too weak to charge it', async () => {
  expect(await readTree({ ...laptop, 'power_supply/AC/online': '1' })).toMatchObject({ isOnBattery: false });
});

test('a desktop with a wireless mouse has no battery', async () => {
  const mouse = Object.entries(laptop).filter(([name]) => name.includes('hidpp'));
  expect(await readTree(Object.fromEntries(mouse))).toMatchObject({ isOnBattery: null, batteryShare: null });
});

test('heat is counted to the nearest point at which the system acts', async () => {
  const power = await readTree({
    'thermal/thermal_zone0/temp': '78000',
    'thermal/thermal_zone0/trip_point_0_type': 'critical',
    'thermal/thermal_zone0/trip_point_0_temp': '105000',
    'thermal/thermal_zone0/trip_point_1_type': 'passive',
    'thermal/thermal_zone0/trip_point_1_temp': '95000',
    'thermal/thermal_zone1/temp': '81000',
    'thermal/thermal_zone1/trip_point_0_type': 'hot',
    'thermal/thermal_zone1/trip_point_0_temp': '90500',
    // A point that is not in use, and one that is about comfort.
    'thermal/thermal_zone1/trip_point_1_type': 'passive',
    'thermal/thermal_zone1/trip_point_1_temp': '-274000',
    'thermal/thermal_zone2/temp': '45000',
    'thermal/thermal_zone2/trip_point_0_type': 'passive',
    'thermal/thermal_zone2/trip_point_0_temp': '40000',
  });
  expect(power).toMatchObject({ degreesBelowHot: 9.5, degreesBelowCritical: 27 });
});

test('a machine that shows nothing, or nonsense, is unknown', async () => {
  expect(await readTree({ 'thermal/thermal_zone0/temp': 'hot' })).toEqual(unknownPower);
  const odd = { platform: 'aix', classFolder: inFolder('none'), runProgram: notRun } as const;
  expect(await readPower(odd)).toEqual(unknownPower);
  expect(await readPower({ ...odd, platform: 'win32' })).toEqual(unknownPower);
});

test('macOS’s pmset', async () => {
  const says = (battery: string, therm: string): RunProgram => {
    return (_program, [, topic]) => Promise.resolve(topic === 'batt' ? battery : therm);
  };
  const read = (battery: string, therm: string) =>
    readPower({ platform: 'darwin', classFolder: '', runProgram: says(battery, therm) });
  const onBattery =
    "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t58%; discharging; 4:21 remaining present: true\n";
  expect(await read(onBattery, 'CPU_Speed_Limit \t= 100\n')).toEqual({
    ...unknownPower,
    ...{ isOnBattery: true, batteryShare: 0.58 },
  });
  const plugged = onBattery.replace('Battery Power', 'AC Power').replace('discharging', 'charging');
  expect(await read(plugged, 'CPU_Speed_Limit \t= 62\n')).toMatchObject({
    isOnBattery: false,
    degreesBelowHot: 0,
  });
  expect(await read("Now drawing from 'AC Power'\n", '')).toEqual(unknownPower);
});

test('Windows’ battery', async () => {
  const read = (output: string) =>
    readPower({ platform: 'win32', classFolder: '', runProgram: () => Promise.resolve(output) });
  expect(await read('1 37\r\n')).toMatchObject({ isOnBattery: true, batteryShare: 0.37 });
  expect(await read('2 90\r\n')).toMatchObject({ isOnBattery: false, batteryShare: 0.9 });
  expect(await read('')).toEqual(unknownPower);
});
