/** Answers the commands about what scores say. */
import type { CommandHandlers } from '../shared/contract.ts';
import { tableToCsv } from '../shared/data-table.ts';
import type { insightCommands } from '../shared/insight-commands.ts';
import { insightTables } from '../shared/insight-tables.ts';
import { analyseSongs } from './insight/analyse-songs.ts';
import type { Library } from './library/library.ts';

/** The handlers for one open library. */
export function insightHandlers(library: Library): CommandHandlers<typeof insightCommands> {
  return {
    'get-insight': (query, { signal }) => analyseSongs(library, query, signal),
    'export-insight': async (query, { signal }) => {
      const { analyses } = await analyseSongs(library, query, signal);
      return analyses.flatMap((analysis) =>
        insightTables(analysis).map((table) => ({
          kind: analysis.kind,
          fileName: `${table.name}.csv`,
          csv: tableToCsv(table),
        })),
      );
    },
  };
}
