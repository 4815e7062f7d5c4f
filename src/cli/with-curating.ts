/** Opens the library for a command that curates, hands it over and closes it whatever happens. */
import { curateHandlersOf } from '../engine/curate-songs.ts';
import { libraryHandlers, requireLibrary } from '../engine/library-commands.ts';
import type { CommandRequest, CommandResponse } from '../shared/call-command.ts';
import { callCommand } from '../shared/call-command.ts';
import type { EmitEvent } from '../shared/contract.ts';
import type { curateEvents } from '../shared/curate-commands.ts';
import { curateCommands } from '../shared/curate-commands.ts';
import { libraryCommands } from '../shared/library-commands.ts';
import type { CallLibrary } from './with-library.ts';
import { withEngine } from './with-library.ts';

type Commands = typeof curateCommands;

/** Calls one of the commands of curating. */
export type CallCurating = <Name extends keyof Commands>(
  name: Name,
  request: CommandRequest<Commands, Name>,
) => Promise<CommandResponse<Commands, Name>>;

/** What a command that curates works with. */
export interface Curating {
  call: CallCurating;
  callLibrary: CallLibrary;
  signal: AbortSignal;
}

export interface CuratingOptions {
  /** Path of a library other than the person's own. */
  library?: string | undefined;
  emit?: EmitEvent<typeof curateEvents> | undefined;
}

/** Runs work that can be interrupted on a library that must exist; its exit code becomes the process's. */
export async function withCurating(
  { library, emit }: CuratingOptions,
  work: (curating: Curating) => Promise<number>,
): Promise<void> {
  await withEngine(library, (engine, signal) => {
    requireLibrary(engine);
    const handlers = curateHandlersOf(engine, { emit });
    const lists = libraryHandlers(engine.library);
    return work({
      call: (name, request) => callCommand(curateCommands, handlers, name, request, { signal }),
      callLibrary: (name, request) => callCommand(libraryCommands, lists, name, request, { signal }),
      signal,
    });
  });
}
