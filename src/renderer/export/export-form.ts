/** What the export dialog asks: which songs, written how and where to; what is remembered of it, and what is asked of the engine. */
import { z } from 'zod';
import type { CommandRequest } from '../../shared/call-command.ts';
import type { EngineCommands } from '../../shared/engine-commands.ts';
import { pathStyleSchema, playlistFormatSchema, type PlaylistFormat } from '../../shared/export-entry.ts';
import { exportModeSchema } from '../../shared/file-export.ts';
import { joinPath, splitFilePath } from '../../shared/file-path.ts';
import { defaultNamePattern } from '../../shared/name-pattern.ts';
import type { RankingKey, SongFilter } from '../../shared/song-query.ts';
import { groupingSchema } from '../../shared/song-selection.ts';

/**
 * Which songs are taken.
 *
 * - `count`, `percent`: the best
 * - `over-score`: everything from a score upwards
 * - `per-group`: the best of each group
 * - `kept`: what the person kept
 * - `selection`: the selected songs
 */
export const exportScopes = ['count', 'percent', 'over-score', 'per-group', 'kept', 'selection'] as const;
export type ExportScope = (typeof exportScopes)[number];

export const exportFormSchema = z.object({
  scope: z.enum(exportScopes).default('count'),
  /** Null while a field is empty. */
  count: z.number().nullable().default(10),
  percent: z.number().nullable().default(10),
  minimumScore: z.number().nullable().default(7),
  perCount: z.number().nullable().default(3),
  per: groupingSchema.default('prompt'),
  /** 0..1, see `songSelectionSchema`. */
  diverse: z.number().min(0).max(1).default(0),
  includesRejected: z.boolean().default(false),
  includesUnscored: z.boolean().default(false),

  writesPlaylist: z.boolean().default(true),
  format: playlistFormatSchema.default('m3u8'),
  pathStyle: pathStyleSchema.default('relative'),
  playlistFile: z.string().default(''),

  files: z.enum(['none', ...exportModeSchema.options]).default('none'),
  pattern: z.string().default(defaultNamePattern),
  filesFolder: z.string().default(''),
});
export type ExportForm = z.output<typeof exportFormSchema>;

/** What the choice is made from. */
export interface ExportSource {
  /** The list's. */
  filter: SongFilter;
  ranking: RankingKey | undefined;
  selectedIds: readonly number[];
}

export type SelectionRequest = CommandRequest<EngineCommands, 'select-songs'>;

/** Fields that cannot be used as they stand. */
export type FormField = 'count' | 'percent' | 'minimumScore' | 'perCount' | 'playlistFile' | 'filesFolder';

/** The question that the form asks of the engine; null while a number is missing or nothing is selected. */
export function selectionRequestOf(form: ExportForm, source: ExportSource): SelectionRequest | null {
  if (choiceProblemOf(form, source) !== null) return null;
  const { filter, ranking, selectedIds } = source;
  const ranked = ranking === undefined ? {} : { ranking };
  if (form.scope === 'selection') {
    // What a person picked by hand is taken whatever was said of it.
    const chosen = { songIds: [...selectedIds] };
    return { ...ranked, filter: chosen, includesRejected: true, includesUnscored: true };
  }
  const common = {
    ...ranked,
    filter,
    includesRejected: form.includesRejected,
    includesUnscored: form.includesUnscored,
    ...(form.diverse > 0 && { diverse: form.diverse }),
  };
  switch (form.scope) {
    case 'count':
      return { ...common, quota: { kind: 'count', count: form.count ?? 0 } };
    case 'percent':
      return { ...common, quota: { kind: 'percent', percent: form.percent ?? 0 } };
    case 'over-score':
      return { ...common, minimumScore: form.minimumScore ?? 0 };
    case 'per-group':
      return { ...common, per: form.per, quota: { kind: 'count', count: form.perCount ?? 0 } };
    case 'kept':
      return { ...common, filter: { ...filter, verdicts: ['keep'] } };
  }
}

/** Which field of the choice keeps it from being asked, null when none does. */
export function choiceProblemOf(
  form: ExportForm,
  { selectedIds }: ExportSource,
): FormField | 'selection' | null {
  const isCount = (value: number | null) => value !== null && Number.isInteger(value) && value >= 1;
  switch (form.scope) {
    case 'count':
      return isCount(form.count) ? null : 'count';
    case 'percent':
      return form.percent !== null && form.percent > 0 && form.percent <= 100 ? null : 'percent';
    case 'over-score':
      return form.minimumScore !== null && form.minimumScore >= 0 && form.minimumScore <= 10
        ? null
        : 'minimumScore';
    case 'per-group':
      return isCount(form.perCount) ? null : 'perCount';
    case 'selection':
      return selectedIds.length > 0 ? null : 'selection';
    case 'kept':
      return null;
  }
}

/** Whether a text is a whole path, on whichever system. */
export function isWholePath(path: string): boolean {
  return /^(\/|[a-z]:[/\\]|\\\\)/i.test(path);
}

/** Fields of the target that are not filled in as they must be. */
export function targetProblemsOf(form: ExportForm): FormField[] {
  const problems: FormField[] = [];
  if (form.writesPlaylist) {
    const { base } = splitFilePath(form.playlistFile);
    if (!isWholePath(form.playlistFile) || base === '') problems.push('playlistFile');
  }
  if (form.files !== 'none' && !isWholePath(form.filesFolder)) problems.push('filesFolder');
  return problems;
}

/** The path of a playlist with the extension of another format. */
export function withFormat(playlistFile: string, format: PlaylistFormat): string {
  if (playlistFile === '') return '';
  const { extension } = splitFilePath(playlistFile);
  const isFormat = playlistFormatSchema.safeParse(extension.slice(1).toLowerCase()).success;
  const bare = isFormat ? playlistFile.slice(0, -extension.length) : playlistFile;
  return `${bare}.${format}`;
}

/** The name of a playlist's file in a format; the usual one where the path has none. */
export function playlistNameOf(playlistFile: string, format: PlaylistFormat): string {
  const { base } = splitFilePath(withFormat(playlistFile, format));
  return `${base === '' ? usualPlaylistName : base}.${format}`;
}

/** A playlist's path in another folder, under the name that it has. */
export function inFolder(playlistFile: string, folder: string, format: PlaylistFormat): string {
  return joinPath(folder, playlistNameOf(playlistFile, format));
}

const usualPlaylistName = 'best';
