/** Prints what a bench found: a table for people, JSON for programs. */
import type { Machine } from './machine.ts';

/** One line of a table. */
export interface Figure {
  name: string;
  value: string;
}

/** What every bench gives back. */
export interface BenchResult {
  bench: string;
  machine: Machine;
  /** All that was measured, in base units. */
  measured: Record<string, unknown>;
  /** The same for people. */
  figures: Figure[];
}

/** Prints results on the standard output. */
export function printResults(results: readonly BenchResult[], asJson: boolean): void {
  if (asJson) {
    const records = results.map(({ bench, machine, measured }) => ({ bench, machine, ...measured }));
    process.stdout.write(`${JSON.stringify(records, null, 2)}\n`);
    return;
  }
  for (const { bench, machine, figures } of results) {
    const features = machine.features.length > 0 ? ` (${machine.features.join(', ')})` : '';
    process.stdout.write(`\n${bench}: ${machine.processor}, ${machine.cores} cores${features}\n\n`);
    const width = Math.max(...figures.map(({ name }) => name.length));
    for (const { name, value } of figures) process.stdout.write(`  ${name.padEnd(width)}  ${value}\n`);
  }
}
