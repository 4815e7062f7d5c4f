/**
 * How commands and events are declared. Window, page and command line call the engine through these declarations and
 * nothing else; whatever carries a call checks it against its schemas where it crosses a process or socket.
 */
import type { z } from 'zod';

/** A command: what is asked and what is answered. */
export interface CommandDeclaration {
  request: z.ZodType;
  response: z.ZodType;
}

/** The commands of one domain, by name (verb-noun, such as `list-songs`). */
export type CommandDeclarations = Readonly<Record<string, CommandDeclaration>>;

/** What accompanies a call besides its request. */
export interface CallContext {
  /** Ends a long call; it then rejects with `cancelled`. */
  signal?: AbortSignal | undefined;
}

/** The functions that answer a domain's commands, each typed by its declaration. */
export type CommandHandlers<Declarations extends CommandDeclarations> = {
  [Name in keyof Declarations]: (
    request: z.output<Declarations[Name]['request']>,
    context: CallContext,
  ) => z.input<Declarations[Name]['response']> | Promise<z.input<Declarations[Name]['response']>>;
};

/** Events of one domain, by name (past tense, such as `song-scored`), each with the schema of what it tells. */
export type EventDeclarations = Readonly<Record<string, z.ZodType>>;

/** One event of a domain: its name and what it tells. */
export type DomainEvent<Declarations extends EventDeclarations> = {
  [Name in keyof Declarations]: { name: Name; payload: z.output<Declarations[Name]> };
}[keyof Declarations];

/** Receives a domain's events. */
export type EmitEvent<Declarations extends EventDeclarations> = (event: DomainEvent<Declarations>) => void;
