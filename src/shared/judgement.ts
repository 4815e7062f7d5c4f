/** What a person decided about a song. */
import { z } from 'zod';
import { verdictSchema } from './song-query.ts';

/** The longest note, in characters. */
export const maximumNoteLength = 10_000;

export const starsSchema = z.int().min(0).max(5);

/** A person's whole judgement of one song. A song that nobody judged has `untouchedJudgement`. */
export const judgementSchema = z.object({
  verdict: verdictSchema,
  /** 0 for none. */
  stars: starsSchema,
  note: z.string(),
});
export type Judgement = z.infer<typeof judgementSchema>;

export const untouchedJudgement: Judgement = { verdict: 'undecided', stars: 0, note: '' };

/** A judgement as it is stored, with the time of its last change in milliseconds since 1970. */
export const storedJudgementSchema = judgementSchema.extend({ changedAtMs: z.number() });
export type StoredJudgement = z.infer<typeof storedJudgementSchema>;

/** What to change in judgements; what is left out stays. */
export const judgementChangeSchema = z
  .strictObject({
    verdict: verdictSchema.optional(),
    stars: starsSchema.optional(),
    note: z.string().max(maximumNoteLength).optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'Say what to change: verdict, stars or note.',
  });
export type JudgementChange = z.output<typeof judgementChangeSchema>;
