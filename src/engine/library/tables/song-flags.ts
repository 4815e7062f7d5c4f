/** Song flags as a JSON array in one text column. */
import { z } from 'zod';
import { songFlagSchema, type SongFlag } from '../../../shared/audio.ts';

const storedFlagsSchema = z.array(z.string());

export function flagsToColumn(flags: readonly SongFlag[]): string {
  return JSON.stringify([...new Set(flags)]);
}

/** The flags in a column; one that only a later version of the product knows is left out. */
export function flagsFromColumn(column: string): SongFlag[] {
  return storedFlagsSchema.parse(JSON.parse(column)).flatMap((flag) => {
    const known = songFlagSchema.safeParse(flag);
    return known.success ? [known.data] : [];
  });
}
