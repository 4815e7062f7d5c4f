/** Opens the library for a command that analyses scores, hands it over and closes it whatever happens. */
import { insightHandlers } from '../engine/insight-commands.ts';
import { libraryHandlers, requireLibrary } from '../engine/library-commands.ts';
import type { CommandRequest, CommandResponse } from '../shared/call-command.ts';
import { callCommand } from '../shared/call-command.ts';
import { insightCommands } from '../shared/insight-commands.ts';
import { libraryCommands } from '../shared/library-commands.ts';
import { printNote } from './print-error.ts';
import type { CallLibrary } from './with-library.ts';
import { withEngine } from './with-library.ts';

type Commands = typeof insightCommands;

/** Calls one of the commands about what scores say. */
export type CallInsight = <Name extends keyof Commands>(
  name: Name,
  request: CommandRequest<Commands, Name>,
) => Promise<CommandResponse<Commands, Name>>;

export interface Insights {
  call: CallInsight;
  callLibrary: CallLibrary;
}

/** Runs work that can be interrupted on a library that must exist; its exit code becomes the process's. */
export async function withInsight(
  libraryFile: string | undefined,
  work: (insights: Insights) => Promise<number>,
): Promise<void> {
  await withEngine(libraryFile, (engine, signal) => {
    requireLibrary(engine);
    for (const notice of engine.library.notices) printNote(notice);
    const insight = insightHandlers(engine.library);
    const library = libraryHandlers(engine.library);
    return work({
      call: (name, request) => callCommand(insightCommands, insight, name, request, { signal }),
      callLibrary: (name, request) => callCommand(libraryCommands, library, name, request, { signal }),
    });
  });
}
