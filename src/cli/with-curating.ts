/** Opens the library for a command that curates, hands it over and closes it whatever happens. */
import { curateHandlersOf } from '../engine/curate-songs.ts';
import { Engine } from '../engine/engine.ts';
import type { CommandRequest, CommandResponse } from '../shared/call-command.ts';
import { callCommand } from '../shared/call-command.ts';
import type { EmitEvent } from '../shared/contract.ts';
import { curateCommands } from '../shared/curate-commands.ts';
import type { curateEvents } from '../shared/curate-commands.ts';
import { withInterruptSignal } from './interrupt-signal.ts';

type Commands = typeof curateCommands;

/** Calls one of the commands of curating. */
export type CallCurating = <Name extends keyof Commands>(
  name: Name,
  request: CommandRequest<Commands, Name>,
) => Promise<CommandResponse<Commands, Name>>;

export interface CuratingOptions {
  /** Path of a library other than the person's own. */
  library?: string | undefined;
  emit?: EmitEvent<typeof curateEvents> | undefined;
}

/** Runs work that can be interrupted; its exit code becomes the process's. */
export async function withCurating(
  { library, emit }: CuratingOptions,
  work: (call: CallCurating, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  process.exitCode = await withInterruptSignal(async (signal) => {
    const engine = await Engine.open(library === undefined ? {} : { folders: { libraryFile: library } });
    try {
      const handlers = curateHandlersOf(engine, { emit });
      return await work(
        (name, request) => callCommand(curateCommands, handlers, name, request, { signal }),
        signal,
      );
    } finally {
      await engine.close();
    }
  });
}
