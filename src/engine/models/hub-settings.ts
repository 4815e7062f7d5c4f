/** How this machine reaches the Hugging Face Hub: the variables that all Hugging Face tools share, read once. */
import { isMissingFile } from '../../shared/system-errors.ts';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';

export interface HubSettings {
  /** Address of the Hub or of a mirror, without a trailing slash (`HF_ENDPOINT`). */
  endpoint: string;
  /** The cache that all Hugging Face tools on this machine share (`HF_HUB_CACHE`). */
  cacheFolder: string;
  /** Access token, sent to `endpoint` and to nobody else (`HF_TOKEN`, or the file `$HF_HOME/token`). */
  token: string | null;
  /** True when nothing may be fetched (`HF_HUB_OFFLINE`). */
  offline: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings that the environment states, with the defaults of Hugging Face's own tools.
 *
 * @param environment the variables, `process.env` if left out
 * @param homeFolder what `~` stands for
 * @throws BangerError `usage` when `HF_ENDPOINT` is not a web address or the token has impossible characters,
 * `file-unreadable` when the token file is there but cannot be read
 */
export async function readHubSettings(
  environment: Environment = process.env,
  homeFolder: string = homedir(),
): Promise<HubSettings> {
  const readPath = (name: string): string | undefined => {
    const value = readText(environment, name);
    return value === undefined ? undefined : path.resolve(expandHome(value, homeFolder));
  };
  const genericCache = readPath('XDG_CACHE_HOME') ?? path.join(homeFolder, '.cache');
  const hubHome = readPath('HF_HOME') ?? path.join(genericCache, 'huggingface');
  return {
    endpoint: parseEndpoint(readText(environment, 'HF_ENDPOINT') ?? 'https://huggingface.co'),
    cacheFolder: readPath('HF_HUB_CACHE') ?? readPath('HUGGINGFACE_HUB_CACHE') ?? path.join(hubHome, 'hub'),
    token: await readToken(environment, readPath('HF_TOKEN_PATH') ?? path.join(hubHome, 'token')),
    offline: isTruthy(environment['HF_HUB_OFFLINE']),
  };
}

/** The value of a variable; one that is set to nothing counts as not set. */
function readText(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function expandHome(file: string, homeFolder: string): string {
  return /^~(?=$|[\\/])/.test(file) ? path.join(homeFolder, file.slice(1)) : file;
}

function isTruthy(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').trim().toUpperCase());
}

function parseEndpoint(text: string): string {
  const address = URL.canParse(text) ? new URL(text) : null;
  const isWebAddress = address?.protocol === 'https:' || address?.protocol === 'http:';
  if (address === null || !isWebAddress || address.username !== '' || address.search !== '') {
    throw new BangerError('usage', `HF_ENDPOINT is not a web address: ${text}.`, {
      nextStep: 'Set it to an address such as https://huggingface.co, or unset it.',
    });
  }
  return address.href.replace(/\/+$/, '');
}

async function readToken(environment: Environment, tokenFile: string): Promise<string | null> {
  const fromEnvironment =
    readText(environment, 'HF_TOKEN') ?? readText(environment, 'HUGGING_FACE_HUB_TOKEN');
  const implicitIsOff = isTruthy(environment['HF_HUB_DISABLE_IMPLICIT_TOKEN']);
  const token = fromEnvironment ?? (implicitIsOff ? null : await readTokenFile(tokenFile));
  if (token !== null) requirePossibleToken(token, `Check HF_TOKEN and the file ${tokenFile}.`);
  return token;
}

/** @throws BangerError `usage` for what can be no token, and would break a request's headers */
export function requirePossibleToken(token: string, nextStep = 'Copy the token again.'): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new BangerError('usage', 'The Hugging Face token contains characters that no token has.', {
    nextStep,
  });
}

async function readTokenFile(tokenFile: string): Promise<string | null> {
  try {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    return token === '' ? null : token;
  } catch (error) {
    if (isMissingFile(error)) return null;
    throw new BangerError('file-unreadable', 'The file with the Hugging Face token cannot be read.', {
      file: tokenFile,
      nextStep: 'Make it readable, or set HF_TOKEN instead.',
      cause: error,
    });
  }
}
