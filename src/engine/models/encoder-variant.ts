/** Which form of graph and which precisions an execution provider takes. */
import type { EncoderVariant, GraphForm } from '../../shared/graphs.ts';
import type { Precision } from '../../shared/library.ts';
import type { PreparedEncoder } from './prepared-encoder.ts';

/** Providers whose graph form is known; any other one gets the plain form, which asks for nothing special. */
const forms: Readonly<Record<string, GraphForm>> = { cpu: 'chunked', cuda: 'fused', webgpu: 'fused' };

/**
 * How an encoder is written for an execution provider of ONNX Runtime, such as `cpu`.
 *
 * @param wanted a precision that the encoder or the provider lacks gives way to fp32, the reference
 */
export function encoderVariant(
  encoder: Pick<PreparedEncoder, 'precisions'>,
  provider: string,
  wanted: Precision,
): EncoderVariant {
  const isPossible = encoder.precisions.includes(wanted) && precisionsOf(provider).includes(wanted);
  return { form: forms[provider] ?? 'plain', precision: isPossible ? wanted : 'fp32' };
}

/** The precisions that can be chosen for a provider: bytes for processors, half floats for graphics cards. */
export function precisionsOf(provider: string): readonly Precision[] {
  return provider === 'cpu' ? ['fp32', 'int8'] : ['fp32', 'fp16'];
}
