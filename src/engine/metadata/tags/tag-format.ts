/** What every tag format can do: find our tags, name everything else, and plan the smallest change. */
import { BangerError } from '../../../shared/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** The tags that this product writes, by the names under which they stand in every format. */
export const ownTagNames = ['BANGER_SCORE', 'FMPS_Rating'] as const;
export type OwnTagName = (typeof ownTagNames)[number];

/** New values by name, ASCII text; null removes a tag, a name that is left out stays as it is. */
export type TagChanges = Readonly<Partial<Record<OwnTagName, string | null>>>;

/** Our tags as a file holds them. */
export type OwnTags = Partial<Record<OwnTagName, string>>;

/** Takes `removeBytes` out of a file at a place of the original and puts others there. */
export interface Splice {
  at: number;
  removeBytes: number;
  insert: Buffer;
}

/** A part of a file that is not ours: a frame, a comment, an atom, a chunk. */
export interface TagElement {
  name: string;
  sha256: string;
}

export interface TagFormat {
  /** Name for messages, such as `FLAC`. */
  name: string;
  /** Our tags, and all other parts of the file in their order, except what only counts lengths and places. */
  inspect: (source: ByteSource) => Promise<{ own: OwnTags; others: TagElement[] }>;
  /** What has to be changed in the file, in order of place. */
  plan: (source: ByteSource, changes: TagChanges) => Promise<Splice[]>;
}

/** Tags that cannot be written without risk to the rest of the file; `reason` completes “because …”. */
export function unsafeTags(reason: string): BangerError {
  return new BangerError('tags-unsupported', `No tag was written, because ${reason}.`, {
    nextStep: 'The file is as it was; score and stars stay in the library.',
  });
}

/** The name of ours that a stored name means; names of tags know no case. */
export function ownTagName(name: string): OwnTagName | null {
  return ownTagNames.find((own) => own.toLowerCase() === name.toLowerCase()) ?? null;
}

/** The tags that are to be written, removals left out. */
export function writtenTags(changes: TagChanges): [OwnTagName, string][] {
  return ownTagNames.flatMap((name): [OwnTagName, string][] => {
    const value = changes[name];
    return value === undefined || value === null ? [] : [[name, value]];
  });
}
