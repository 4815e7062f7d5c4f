/** The command that writes what scores say as a file of its own. */
import { z } from 'zod';
import type { CommandDeclarations } from './contract.ts';
import { insightRequestSchema } from './insight-commands.ts';

export const reportRequestSchema = insightRequestSchema.extend({
  /** An HTML file; its folder is made where there is none. */
  file: z.string().min(1),
  /** Above the report. */
  title: z.string().min(1).max(200).default('What the scores say'),
  /** Whether a file that is not an earlier report may be replaced as well. */
  replacesOthers: z.boolean().default(false),
});
export type ReportRequest = z.output<typeof reportRequestSchema>;

export const writtenReportSchema = z.strictObject({
  file: z.string(),
  /** Songs that the filter lets through, and those of them that have a score. */
  total: z.int().nonnegative(),
  scoredTotal: z.int().nonnegative(),
  analyses: z.int().nonnegative(),
  plots: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
export type WrittenReport = z.infer<typeof writtenReportSchema>;

export const reportCommands = {
  /**
   * Writes the analyses that are asked for as one HTML file that needs nothing else: sentences, plots, tables and
   * their CSV. An earlier report is replaced, another file only where that is said.
   */
  'write-report': { request: reportRequestSchema, response: writtenReportSchema },
} satisfies CommandDeclarations;
