/** What a figure is worth nothing without: the machine it was measured on, and what a process took of it. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Processor features that decide how fast matrices are multiplied, by the names that Linux gives them. */
const telling = ['avx2', 'avx512f', 'avx_vnni', 'avx512_vnni', 'avx512_bf16', 'amx_int8', 'asimddp', 'i8mm'];

export interface Machine {
  processor: string;
  cores: number;
  memoryBytes: number;
  /** Empty where the system does not tell. */
  features: string[];
}

/** This machine. */
export async function describeMachine(): Promise<Machine> {
  const info = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1]?.trim().split(' '));
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    features: telling.filter((feature) => flags.has(feature)),
  };
}

export interface ProcessMemory {
  peakResidentBytes: number;
  /** What of the memory now in use is not a file's, null where the system does not tell. */
  anonymousBytes: number | null;
}

/**
 * A process's memory. Linux counts the high-water mark for each program; the one of `getrusage`, which stands in
 * elsewhere, may hold that of the parent.
 *
 * @param reportedPeakBytes what the process said of itself
 */
export async function readProcessMemory(
  processId: number,
  reportedPeakBytes: number,
): Promise<ProcessMemory> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const field = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  };
  return { peakResidentBytes: field('VmHWM') ?? reportedPeakBytes, anonymousBytes: field('RssAnon') };
}
