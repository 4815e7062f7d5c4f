/** Opens the library for a command that looks at it, hands it over and closes it whatever happens. */
import { Engine } from '../engine/engine.ts';
import { libraryHandlers, requireLibrary } from '../engine/library-commands.ts';
import type { CommandRequest, CommandResponse } from '../shared/call-command.ts';
import { callCommand } from '../shared/call-command.ts';
import { libraryCommands } from '../shared/library-commands.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { printNote } from './print-error.ts';

type Commands = typeof libraryCommands;

/** Calls one of the commands about the library. */
export type CallLibrary = <Name extends keyof Commands>(
  name: Name,
  request: CommandRequest<Commands, Name>,
) => Promise<CommandResponse<Commands, Name>>;

/** Runs work on an engine whose library is not open yet; its exit code becomes the process's. */
export async function withEngine(
  libraryFile: string | undefined,
  work: (engine: Engine, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  process.exitCode = await withInterruptSignal(async (signal) => {
    const engine = await Engine.open(libraryFile === undefined ? {} : { folders: { libraryFile } });
    try {
      return await work(engine, signal);
    } finally {
      await engine.close();
    }
  });
}

/** Runs work that can be interrupted on a library that must exist; its exit code becomes the process's. */
export async function withLibrary(
  libraryFile: string | undefined,
  work: (call: CallLibrary) => Promise<number>,
): Promise<void> {
  await withEngine(libraryFile, (engine, signal) => {
    requireLibrary(engine);
    for (const notice of engine.library.notices) printNote(notice);
    const handlers = libraryHandlers(engine.library);
    return work((name, request) => callCommand(libraryCommands, handlers, name, request, { signal }));
  });
}
