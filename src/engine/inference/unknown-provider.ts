/** The error for an execution provider that this build of ONNX Runtime does not have. */
import { BangerError } from '../../shared/errors.ts';

/** Names the providers that there are, so that the person can choose one. */
export function unknownProvider(provider: string, providers: readonly string[]): BangerError {
  return new BangerError('provider-unknown', `There is no execution provider “${provider}” here.`, {
    nextStep: `This build of ONNX Runtime has: ${providers.join(', ')}.`,
  });
}
