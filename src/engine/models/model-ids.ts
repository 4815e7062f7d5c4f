/** Names of models: what a good one looks like, and how one is made from a file's name. */
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';

const ID_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
/** Names that Windows keeps for devices, with any extension. */
const RESERVED_PATTERN = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** Whether a text can be a model's id: it becomes a folder's name on every system, and a cache key. */
export function isModelId(text: string): boolean {
  return ID_PATTERN.test(text) && !text.includes('..') && !RESERVED_PATTERN.test(text);
}

/** @throws BangerError `usage` when the text cannot be a model's id */
export function requireModelId(text: string): void {
  if (isModelId(text)) return;
  throw new BangerError('usage', `“${text}” cannot be a model’s id.`, {
    nextStep: 'Use up to 64 small letters, digits, dots, dashes and underscores, such as “my-head-2”.',
  });
}

/** An id made from the name of a file or folder: `My Head (2).pt` becomes `my-head-2`; `model` if nothing is left. */
export function deriveModelId(file: string): string {
  const name = path.basename(file).replace(/\.(?:pt|pth|bin|safetensors)$/i, '');
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
    .replace(/[^a-z0-9]+$/, '');
  return isModelId(id) ? id : 'model';
}

/** Whether what a person typed can only be a path: it holds a separator, or is `.`, `..` or `~`. */
export function looksLikePath(text: string): boolean {
  return /[\\/]/.test(text) || ['.', '..', '~'].includes(text);
}
