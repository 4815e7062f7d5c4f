/** Decides how hard the machine is worked, from what the person set and from what battery and heat allow. */
import { availableParallelism } from 'node:os';
import type { AppSettings } from '../shared/app-settings.ts';
import type { JobReason } from '../shared/jobs.ts';
import type { QuietReason } from '../shared/pace.ts';
import { quietPace, usualPace } from '../shared/pace.ts';
import type { Engine, WorkPace } from './engine.ts';
import type { PowerState } from './power-state.ts';
import { readPower, unknownPower } from './power-state.ts';

export type PaceSettings = Pick<AppSettings, 'isQuiet' | 'threads' | 'savesBattery' | 'idleMinutes'>;

/** Below the first nothing is begun on battery, from the second on it is again. */
const LOW_BATTERY_SHARE = 0.2;
const ENOUGH_BATTERY_SHARE = 0.25;
/** What has become too hot is left alone until it is this much cooler. */
const COOLED_DEGREES = 5;
/** This close to the point where the system turns itself off, nothing is begun. */
const NEAR_CRITICAL_DEGREES = 5;

const batteryLow: JobReason = {
  code: 'battery-low',
  message: 'The battery is low.',
  nextStep: 'Scoring goes on once the machine is plugged in.',
};
const machineHot: JobReason = {
  code: 'machine-hot',
  message: 'The machine is very hot.',
  nextStep: 'Scoring goes on once it has cooled down.',
};

/**
 * The pace that settings and power lead to.
 *
 * @param former the pace until now: a state is left a little later than it is entered, so that nothing flutters
 * @param cores how many processors can be used
 */
export function paceFor(
  settings: PaceSettings,
  power: PowerState,
  former: Pick<WorkPace, 'quietBecause' | 'restBecause'>,
  cores = availableParallelism(),
): WorkPace {
  const saving = settings.savesBattery
    ? { quiet: quietReasonOf(power, former), restBecause: restReasonOf(power, former) }
    : { quiet: null, restBecause: null };
  const quietBecause = settings.isQuiet ? 'setting' : saving.quiet;
  const pace = quietBecause === null ? usualPace : quietPace(cores);
  return {
    ...pace,
    // A number that the person chose is meant, unless quiet work asks for fewer.
    threads: settings.threads > 0 ? Math.min(settings.threads, pace.threads || Infinity) : pace.threads,
    idleSeconds: settings.idleMinutes * 60,
    quietBecause,
    restBecause: saving.restBecause,
  };
}

function quietReasonOf(
  { isOnBattery, degreesBelowHot }: PowerState,
  { quietBecause }: Pick<WorkPace, 'quietBecause'>,
): QuietReason | null {
  if (isOnBattery === true) return 'battery';
  const limit = quietBecause === 'heat' ? COOLED_DEGREES : 0;
  return degreesBelowHot !== null && degreesBelowHot <= limit ? 'heat' : null;
}

function restReasonOf(
  { isOnBattery, batteryShare, degreesBelowCritical }: PowerState,
  { restBecause }: Pick<WorkPace, 'restBecause'>,
): JobReason | null {
  const leastShare = restBecause?.code === 'battery-low' ? ENOUGH_BATTERY_SHARE : LOW_BATTERY_SHARE;
  if (isOnBattery === true && batteryShare !== null && batteryShare < leastShare) return batteryLow;
  const nearDegrees = NEAR_CRITICAL_DEGREES + (restBecause?.code === 'machine-hot' ? COOLED_DEGREES : 0);
  return degreesBelowCritical !== null && degreesBelowCritical <= nearDegrees ? machineHot : null;
}

export interface PaceKeeperOptions {
  engine: Pick<Engine, 'pace' | 'usePace'>;
  settings: { read: () => PaceSettings };
  /** Called when work goes on at another pace, or for another reason. */
  onChanged: () => void;
  readPower?: () => Promise<PowerState>;
  pollMs?: number;
}

/** Where looking costs a program's start, it is done less often. */
const POLL_MS = process.platform === 'linux' ? 10_000 : 60_000;

export class PaceKeeper {
  readonly #options: PaceKeeperOptions;
  #power: PowerState = unknownPower;
  #timer: NodeJS.Timeout | null = null;
  #look: Promise<void> = Promise.resolve();

  constructor(options: PaceKeeperOptions) {
    this.#options = options;
  }

  /** Applies the settings, looks at the machine at once and from then on again and again. */
  start(): void {
    this.applySettings();
    this.#look = this.#lookAtMachine();
    this.#timer = setInterval(() => {
      this.#look = this.#look.then(() => this.#lookAtMachine());
    }, this.#options.pollMs ?? POLL_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#look;
  }

  /** Follows settings that may have changed. */
  applySettings(): void {
    const { engine, settings, onChanged } = this.#options;
    const former = engine.pace;
    const pace = paceFor(settings.read(), this.#power, former);
    if (JSON.stringify(pace) === JSON.stringify(former)) return;
    engine.usePace(pace);
    onChanged();
  }

  async #lookAtMachine(): Promise<void> {
    const { settings, readPower: read = readPower } = this.#options;
    if (settings.read().savesBattery) this.#power = await read();
    if (this.#timer !== null) this.applySettings();
  }
}
