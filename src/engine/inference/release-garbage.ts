/** Gives back the memory of clips that are done: they lie outside the heap that V8 watches, and are megabytes each. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';

const collectSchema = z.custom<() => void>((value) => typeof value === 'function');

let collect: (() => void) | null = null;

/**
 * Collects garbage now. An inference process allocates little that V8 counts, so left alone it would keep the samples
 * and answers of many clips; a collection takes milliseconds where a clip takes seconds.
 */
export function releaseGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = collectSchema.parse(runInNewContext('gc'));
  }
  collect();
}
