/** Prints errors for a person: what happened, to which file, what to do next. */
import type { ErrorRecord } from '../shared/errors.ts';
import { printableText } from './printable-text.ts';

/** One to three lines on the error output; details only where `BANGER_DEBUG` is set. */
export function printError({ message, file, nextStep, details }: Readonly<Partial<ErrorRecord>>): void {
  const lines = [`banger: ${message ?? 'Something went wrong.'}`];
  if (file !== undefined) lines.push(`  ${file}`);
  if (nextStep !== undefined) lines.push(`  ${nextStep}`);
  if (details !== undefined && process.env['BANGER_DEBUG']) lines.push(details);
  for (const line of lines) printNote(line);
}

/** A line on the error output, where it never mixes with results. */
export function printNote(line: string): void {
  process.stderr.write(`${printableText(line)}\n`);
}
