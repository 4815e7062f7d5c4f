/** `banger models`: lists, downloads, imports and removes encoders and heads. */
import type { Command } from 'commander';

export function addModelsCommand(program: Command): void {
  program.command('models').description('List, download, import and remove encoders and heads.');
}
