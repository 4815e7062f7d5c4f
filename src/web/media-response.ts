/** Answers requests for songs: whole files or the whole range that was asked for, and errors as small records. */
import { asBangerError, type ErrorCode } from '../shared/errors.ts';
import { readRange } from './byte-range.ts';
import { entityTag, findMediaFile, streamRange } from './media-file.ts';
import type { PageRequest } from './page-request.ts';
import { isolatingHeaders } from './security-headers.ts';

/** What a song plays from; the engine's `open-media` answers this. */
export interface OpenedMedia {
  path: string;
  mimeType: string;
}

/** @throws BangerError where the song has no file that can be played */
export type OpenMedia = (songId: number, signal?: AbortSignal) => Promise<OpenedMedia>;

/** Ids as the library counts them; everything else is no address of a song. */
const songAddress = /^\/media\/([1-9]\d{0,14})$/;

/** The id of the song that a path of the page stands for, null for every other path. */
export function songIdOf(path: string): number | null {
  const digits = songAddress.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Answers a GET or HEAD request for a song. */
export async function respondWithMedia(
  songId: number,
  request: PageRequest,
  openMedia: OpenMedia,
): Promise<Response> {
  try {
    const { path, mimeType } = await openMedia(songId, request.signal);
    const file = await findMediaFile(path);
    const tag = entityTag(file);
    const headers: Record<string, string> = {
      ...isolatingHeaders,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, no-cache',
      'Content-Type': mimeType,
      ETag: tag,
    };
    if (request.headers.get('If-None-Match') === tag) return new Response(null, { status: 304, headers });

    // A range of an earlier file is of no use to whoever has a part of that one.
    const condition = request.headers.get('If-Range');
    const isCurrent = condition === null || condition === tag;
    const range = isCurrent ? readRange(request.headers.get('Range'), file.sizeBytes) : 'whole';
    if (range === 'unsatisfiable') {
      headers['Content-Range'] = `bytes */${file.sizeBytes}`;
      headers['Content-Length'] = '0';
      return new Response(null, { status: 416, headers });
    }
    const part = range === 'whole' ? { start: 0, end: file.sizeBytes - 1 } : range;
    if (range !== 'whole') headers['Content-Range'] = `bytes ${part.start}-${part.end}/${file.sizeBytes}`;
    const length = part.end - part.start + 1;
    headers['Content-Length'] = String(length);
    const body = request.method === 'HEAD' || length === 0 ? null : streamRange(file, part);
    return new Response(body, { status: range === 'whole' ? 200 : 206, headers });
  } catch (thrown) {
    return respondWithError(thrown);
  }
}

/** Statuses that say more than “something is wrong here”. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'song-unknown': 404,
  'file-missing': 410,
  'not-audio': 415,
  'no-audio-stream': 415,
  'corrupt-audio': 415,
  'media-unplayable': 415,
  'engine-unreachable': 503,
  cancelled: 503,
};

/** What the page needs to say something; paths and details stay here. */
function respondWithError(thrown: unknown): Response {
  const { code, message, nextStep } = asBangerError(thrown);
  return new Response(JSON.stringify({ code, message, ...(nextStep !== undefined && { nextStep }) }), {
    status: statuses[code] ?? 500,
    headers: {
      ...isolatingHeaders,
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json; charset=utf-8',
    },
  });
}
