/** What a person sets in the window; kept in the library, so that window and page agree. */
import { z } from 'zod';
import { precisionSchema } from './library.ts';
import { defaultSongSort, rankingKeySchema, songSortSchema } from './song-query.ts';

/** Where a song starts to play. */
export const startPositions = ['beginning', 'thirty-seconds', 'loudest-part'] as const;
export const startPositionSchema = z.enum(startPositions);
export type StartPosition = z.infer<typeof startPositionSchema>;

export const listColumnNames = [
  'rank',
  'score',
  'waveform',
  'title',
  'tempo',
  'key',
  'duration',
  'verdict',
  'stars',
  'genre',
  'prompt',
  'seed',
  'flags',
  'added',
  'folder',
] as const;
export const listColumnNameSchema = z.enum(listColumnNames);
export type ListColumnName = z.infer<typeof listColumnNameSchema>;

export const listColumnSchema = z.strictObject({
  name: listColumnNameSchema,
  isShown: z.boolean(),
  /** Width in CSS pixels, null for the column's usual one. */
  widthPixels: z.number().min(30).max(1200).nullable(),
});
export type ListColumn = z.infer<typeof listColumnSchema>;

const usuallyHidden: readonly ListColumnName[] = [
  'stars',
  'genre',
  'prompt',
  'seed',
  'flags',
  'added',
  'folder',
];

/** The columns of a fresh install, in order. */
export const usualListColumns: ListColumn[] = listColumnNames.map((name) => ({
  name,
  isShown: !usuallyHidden.includes(name),
  widthPixels: null,
}));

/** Every setting has a default, so that settings of an older version are read with what is new filled in. */
export const appSettingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  /** Factor of the page's size. */
  zoom: z.number().min(0.5).max(3).default(1),
  /** Whether songs are played equally loud. */
  matchesLoudness: z.boolean().default(true),
  targetLufs: z.number().min(-30).max(-6).default(-14),
  startPosition: startPositionSchema.default('beginning'),
  /** Whether culling goes on to the next song after a verdict. */
  advancesAfterVerdict: z.boolean().default(true),
  /** 0..1 */
  volume: z.number().min(0).max(1).default(1),
  /** The audio output by the browser's id; an empty text is the system's. */
  outputDeviceId: z.string().max(500).default(''),
  columns: z.array(listColumnSchema).max(100).default(usualListColumns),
  /** The order of the list, and what its songs stand together by. */
  sort: songSortSchema.default(defaultSongSort),
  groupBy: z.enum(['folder', 'prompt']).nullable().default(null),
  /** Keys that differ from the usual ones, by action: `KeyboardEvent.key` with modifiers, such as `Mod+Shift+K`. */
  shortcuts: z.record(z.string().max(100), z.string().max(50)).default({}),
  isSideBarShown: z.boolean().default(true),
  isInspectorShown: z.boolean().default(true),
  /** Whether the system tells when a batch is done. */
  notifiesWhenDone: z.boolean().default(true),
  /** The ranking that lists stay on until the person switches; null for the usual one. */
  pinnedRanking: rankingKeySchema.nullable().default(null),
  /** Models for new songs; null for the best that are installed. */
  models: z.object({ encoder: z.string(), head: z.string() }).nullable().default(null),
  /** ONNX Runtime's execution provider. */
  provider: z.string().max(50).default('cpu'),
  /** What encoders run in, where they and the provider have it; fp32 is the reference. */
  precision: precisionSchema.default('fp32'),
  /** Threads of the encoder; 0 leaves the choice to the runtime. */
  threads: z.int().min(0).max(1024).default(0),
  /** Whether songs are worked on quietly: half of the processors, at the lowest priority. */
  isQuiet: z.boolean().default(false),
  /** Whether work gets quiet on battery and in heat, and rests when either gets scarce. */
  savesBattery: z.boolean().default(true),
  /** Minutes without a song after which the model is put out of memory. */
  idleMinutes: z
    .number()
    .min(0.1)
    .max(24 * 60)
    .default(3),
  /** Whether a word such as “high” stands beside a score. */
  showsRatingWords: z.boolean().default(false),
  /** Whether the offer of MERT was put away. */
  hidesModelOffer: z.boolean().default(false),
});
export type AppSettings = z.output<typeof appSettingsSchema>;

/** What to change; what is left out stays. */
export const appSettingsChangeSchema = z.strictObject({
  theme: z.enum(['system', 'dark', 'light']).optional(),
  zoom: z.number().min(0.5).max(3).optional(),
  matchesLoudness: z.boolean().optional(),
  targetLufs: z.number().min(-30).max(-6).optional(),
  startPosition: startPositionSchema.optional(),
  advancesAfterVerdict: z.boolean().optional(),
  volume: z.number().min(0).max(1).optional(),
  outputDeviceId: z.string().max(500).optional(),
  columns: z.array(listColumnSchema).max(100).optional(),
  sort: songSortSchema.optional(),
  groupBy: z.enum(['folder', 'prompt']).nullable().optional(),
  shortcuts: z.record(z.string().max(100), z.string().max(50)).optional(),
  isSideBarShown: z.boolean().optional(),
  isInspectorShown: z.boolean().optional(),
  notifiesWhenDone: z.boolean().optional(),
  pinnedRanking: rankingKeySchema.nullable().optional(),
  provider: z.string().max(50).optional(),
  precision: precisionSchema.optional(),
  threads: z.int().min(0).max(1024).optional(),
  isQuiet: z.boolean().optional(),
  savesBattery: z.boolean().optional(),
  idleMinutes: z
    .number()
    .min(0.1)
    .max(24 * 60)
    .optional(),
  showsRatingWords: z.boolean().optional(),
  hidesModelOffer: z.boolean().optional(),
});
export type AppSettingsChange = z.output<typeof appSettingsChangeSchema>;
