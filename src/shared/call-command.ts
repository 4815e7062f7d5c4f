/** Calls a command by name: checks the request by its declaration and hands it to the function that answers. */
import { z } from 'zod';
import type { CallContext, CommandDeclarations, CommandHandlers } from './contract.ts';
import { BangerError } from './errors.ts';

/** What a caller may write: fields with defaults may be left out. */
export type CommandRequest<
  Declarations extends CommandDeclarations,
  Name extends keyof Declarations,
> = z.input<Declarations[Name]['request']>;

/** What a caller is answered. */
export type CommandResponse<
  Declarations extends CommandDeclarations,
  Name extends keyof Declarations,
> = z.output<Declarations[Name]['response']>;

/**
 * Answers a command. Its request may come from anywhere; its response is what the handler's type promises, brought
 * into its declared form.
 *
 * @throws BangerError `usage` for a request that its declaration does not allow, or what the handler throws
 */
export async function callCommand<
  Declarations extends CommandDeclarations,
  Name extends keyof Declarations & string,
>(
  declarations: Declarations,
  handlers: CommandHandlers<Declarations>,
  name: Name,
  request: unknown,
  context: CallContext = {},
): Promise<CommandResponse<Declarations, Name>> {
  const declaration = Object.hasOwn(declarations, name) ? declarations[name] : undefined;
  if (declaration === undefined) throw new BangerError('usage', `There is no command “${name}”.`);
  const checked = declaration.request.safeParse(request);
  if (!checked.success) {
    throw new BangerError('usage', `The command “${name}” was called in a way that it does not allow.`, {
      details: z.prettifyError(checked.error),
      nextStep: checked.error.issues[0]?.message,
    });
  }
  const answer = await handlers[name](checked.data as z.output<Declarations[Name]['request']>, context);
  return declaration.response.parse(answer) as CommandResponse<Declarations, Name>;
}
