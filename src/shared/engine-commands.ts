/** Every command that the engine answers and every event that it tells: the whole contract of window and page. */
import { analysisCommands, analysisEvents } from './analysis-commands.ts';
import { appCommands, appEvents } from './app-commands.ts';
import { calibrationCommands, calibrationEvents } from './calibration-commands.ts';
import type { CommandHandlers, DomainEvent, EmitEvent } from './contract.ts';
import { curateCommands, curateEvents } from './curate-commands.ts';
import { learnCommands, learnEvents } from './learn-commands.ts';
import { insightCommands } from './insight-commands.ts';
import { libraryCommands } from './library-commands.ts';
import { metadataCommands } from './metadata-commands.ts';
import { modelCommands, modelEvents } from './model-commands.ts';
import { precisionCommands, precisionEvents } from './precision-commands.ts';
import { reportCommands } from './report-commands.ts';
import { referenceCommands } from './reference-commands.ts';
import { workCommands, workEvents } from './work-commands.ts';

export const engineCommands = {
  ...libraryCommands,
  ...insightCommands,
  ...analysisCommands,
  ...referenceCommands,
  ...reportCommands,
  ...curateCommands,
  ...metadataCommands,
  ...workCommands,
  ...modelCommands,
  ...calibrationCommands,
  ...precisionCommands,
  ...learnCommands,
  ...appCommands,
} as const;
export type EngineCommands = typeof engineCommands;
export type EngineHandlers = CommandHandlers<EngineCommands>;

export const engineEvents = {
  ...analysisEvents,
  ...curateEvents,
  ...workEvents,
  ...modelEvents,
  ...calibrationEvents,
  ...precisionEvents,
  ...learnEvents,
  ...appEvents,
} as const;
export type EngineEvents = typeof engineEvents;
export type EngineEvent = DomainEvent<EngineEvents>;
export type EmitEngineEvent = EmitEvent<EngineEvents>;
