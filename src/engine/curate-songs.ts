/** Curating as the engine offers it: the commands over the engine's own library. */
import type { CommandHandlers } from '../shared/contract.ts';
import type { curateCommands } from '../shared/curate-commands.ts';
import type { CurateHandlersOptions } from './curate/curate-commands.ts';
import { curateHandlers } from './curate/curate-commands.ts';
import type { Engine } from './engine.ts';

export { defaultNamePattern, patternFields } from '../shared/name-pattern.ts';

/** What answers the commands of curating for this engine. @throws BangerError as opening the library does */
export function curateHandlersOf(
  engine: Engine,
  options: CurateHandlersOptions = {},
): CommandHandlers<typeof curateCommands> {
  return curateHandlers(engine.library, options);
}
