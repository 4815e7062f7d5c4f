/** Measures how much of the processors' time others take while this process works. */
import { cpus } from 'node:os';

/** Milliseconds that all processors together were free, and had. */
interface ProcessorTimes {
  idleMs: number;
  totalMs: number;
}

export class LoadMeter {
  readonly #start = readProcessorTimes();
  readonly #ownStart = process.cpuUsage();

  /** Share of all processors' time since this meter was made that went to other processes, 0..1. */
  othersShare(): number {
    const now = readProcessorTimes();
    const { user, system } = process.cpuUsage(this.#ownStart);
    const totalMs = now.totalMs - this.#start.totalMs;
    const othersMs = totalMs - (now.idleMs - this.#start.idleMs) - (user + system) / 1000;
    return totalMs <= 0 ? 0 : Math.min(1, Math.max(0, othersMs / totalMs));
  }
}

function readProcessorTimes(): ProcessorTimes {
  const times = { idleMs: 0, totalMs: 0 };
  for (const { times: one } of cpus()) {
    times.idleMs += one.idle;
    times.totalMs += one.idle + one.user + one.nice + one.sys + one.irq;
  }
  return times;
}
