/** What the engine tells about itself. */
import type { CommandResponse } from '../../shared/call-command.ts';
import type { EngineCommands } from '../../shared/engine-commands.ts';

export type AboutFacts = CommandResponse<EngineCommands, 'get-about'>;
