/** What the machine says of its battery and its heat, as far as its system tells. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export interface PowerState {
  /** Whether the machine runs on its battery; null where it has none or the system does not tell. */
  isOnBattery: boolean | null;
  /** What the battery holds, 0..1. */
  batteryShare: number | null;
  /** Degrees Celsius below the point where the system slows itself down, negative beyond it; null where unknown. */
  degreesBelowHot: number | null;
  /** The same for the point where the system turns itself off. */
  degreesBelowCritical: number | null;
}

export const unknownPower: PowerState = {
  isOnBattery: null,
  batteryShare: null,
  degreesBelowHot: null,
  degreesBelowCritical: null,
};

/** Runs a program of the system. @returns its output */
export type RunProgram = (program: string, args: readonly string[]) => Promise<string>;

export interface PowerSource {
  platform: NodeJS.Platform;
  /** Where Linux shows its devices. */
  classFolder: string;
  runProgram: RunProgram;
}

const thisMachine: PowerSource = {
  platform: process.platform,
  classFolder: '/sys/class',
  runProgram: async (program, args) => (await execa(program, args, { timeout: 20_000 })).stdout,
};

/** Reads it now. What the system does not tell, or tells in another form, is unknown; nothing is thrown. */
export async function readPower(source: PowerSource = thisMachine): Promise<PowerState> {
  try {
    const { platform } = source;
    if (platform === 'linux') return { ...(await readSupplies(source)), ...(await readZones(source)) };
    if (platform === 'darwin') return await readMac(source);
    return platform === 'win32' ? await readWindows(source) : unknownPower;
  } catch {
    // A machine that says nothing of its power is worked on as one that is plugged in.
    return unknownPower;
  }
}

/** Batteries and plugs, as Linux's `power_supply` class has them. */
async function readSupplies({ classFolder }: PowerSource) {
  const supplies = await readDevices(join(classFolder, 'power_supply'), [
    'type',
    'scope',
    'status',
    'online',
    'capacity',
  ]);
  // A mouse has a battery too.
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type }) => type === 'Battery' || type === 'UPS');
  if (batteries.length === 0) return { isOnBattery: null, batteryShare: null };
  const isPluggedIn = own.some(({ type, online }) => (type === 'Mains' || type === 'USB') && online === '1');
  const shares = batteries.flatMap(({ capacity }) => numberOf(capacity) ?? []);
  return {
    // A weak plug does not charge the battery, and still feeds the machine.
    isOnBattery: !isPluggedIn && batteries.some(({ status }) => status === 'Discharging'),
    batteryShare: shares.length === 0 ? null : Math.max(...shares) / 100,
  };
}

/** Below this a trip point is about comfort or is not meant. */
const LOWEST_TRIP_C = 60;
/** Zones have a handful of trip points. */
const MOST_TRIPS = 12;

/** Temperatures with the points at which the system acts, as Linux's `thermal` class has them. */
async function readZones({ classFolder }: PowerSource) {
  const trips = Array.from({ length: MOST_TRIPS }, (_, index) => `trip_point_${index}`);
  const zones = await readDevices(join(classFolder, 'thermal'), [
    'temp',
    ...trips.flatMap((trip) => [`${trip}_type`, `${trip}_temp`]),
  ]);
  const below = (kinds: readonly string[]) => {
    const margins = zones.flatMap((zone) => {
      const degrees = inCelsius(zone['temp']);
      if (degrees === null) return [];
      return trips.flatMap((trip) => {
        const tripDegrees = inCelsius(zone[`${trip}_temp`]);
        if (!kinds.includes(zone[`${trip}_type`] ?? '') || tripDegrees === null) return [];
        return tripDegrees < LOWEST_TRIP_C ? [] : [tripDegrees - degrees];
      });
    });
    return margins.length === 0 ? null : Math.min(...margins);
  };
  return { degreesBelowHot: below(['passive', 'hot']), degreesBelowCritical: below(['critical']) };
}

/** Each device of a class with those of its fields that can be read. */
async function readDevices(
  folder: string,
  fields: readonly string[],
): Promise<Partial<Record<string, string>>[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const entries = await Promise.all(
        fields.map(async (field) => {
          const text = await readFile(join(folder, name, field), 'utf8').catch(() => null);
          return text === null ? [] : [[field, text.trim()] as const];
        }),
      );
      return Object.fromEntries(entries.flat());
    }),
  );
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

function inCelsius(thousandths: string | undefined): number | null {
  const value = numberOf(thousandths);
  return value === null ? null : value / 1000;
}

async function readMac({ runProgram }: PowerSource): Promise<PowerState> {
  const battery = await runProgram('pmset', ['-g', 'batt']);
  const therm = await runProgram('pmset', ['-g', 'therm']).catch(() => '');
  const share = /(\d+)%/.exec(battery)?.[1];
  const speedLimit = /CPU_Speed_Limit\s*=\s*(\d+)/.exec(therm)?.[1];
  return {
    isOnBattery: share === undefined ? null : battery.includes("'Battery Power'"),
    batteryShare: share === undefined ? null : Number(share) / 100,
    // It tells no degrees, but by how much it has slowed the processor down.
    degreesBelowHot: speedLimit !== undefined && Number(speedLimit) < 100 ? 0 : null,
    degreesBelowCritical: null,
  };
}

const windowsQuery =
  'Get-CimInstance Win32_Battery | ForEach-Object { "$($_.BatteryStatus) $($_.EstimatedChargeRemaining)" }';
/** Win32_Battery's status of a battery that feeds the machine. */
const DISCHARGING = '1';

async function readWindows({ runProgram }: PowerSource): Promise<PowerState> {
  const output = await runProgram('powershell', ['-NoProfile', '-NonInteractive', '-Command', windowsQuery]);
  const [, status, percent] = /^(\d+) (\d+)\s*$/m.exec(output) ?? [];
  if (percent === undefined) return unknownPower;
  return { ...unknownPower, isOnBattery: status === DISCHARGING, batteryShare: Number(percent) / 100 };
}
