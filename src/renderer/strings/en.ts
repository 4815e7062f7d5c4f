/** All English words of the window, one file for each part of it; a translation is a folder like this one. */
import { commonStrings } from './common.ts';
import { compareStrings } from './compare.ts';
import { cullStrings } from './cull.ts';
import { exportStrings } from './export.ts';
import { filterStrings } from './filters.ts';
import { firstRunStrings } from './first-run.ts';
import { historyStrings } from './history.ts';
import { insightStrings } from './insight.ts';
import { inspectorStrings } from './inspector.ts';
import { jobStrings } from './jobs.ts';
import { listStrings } from './list.ts';
import { measureStrings } from './measures.ts';
import { paceStrings } from './pace.ts';
import { playerStrings } from './player.ts';
import { plotStrings } from './plots.ts';
import { providerStrings } from './providers.ts';
import { settingsStrings } from './settings.ts';
import { shortcutStrings } from './shortcuts.ts';
import { sideBarStrings } from './side-bar.ts';
import { topBarStrings } from './top-bar.ts';
import { trainingStrings } from './training.ts';

export const strings = {
  common: commonStrings,
  compare: compareStrings,
  cull: cullStrings,
  export: exportStrings,
  filters: filterStrings,
  firstRun: firstRunStrings,
  history: historyStrings,
  insight: insightStrings,
  inspector: inspectorStrings,
  jobs: jobStrings,
  list: listStrings,
  measures: measureStrings,
  pace: paceStrings,
  player: playerStrings,
  plots: plotStrings,
  providers: providerStrings,
  settings: settingsStrings,
  shortcuts: shortcutStrings,
  sideBar: sideBarStrings,
  topBar: topBarStrings,
  training: trainingStrings,
};
