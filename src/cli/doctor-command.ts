/** `banger doctor`. */
import type { Command } from 'commander';

export function addDoctorCommand(program: Command): void {
  program.command('doctor').description('Check this installation and say what to do.');
}
