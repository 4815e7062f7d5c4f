/** Runs every bench one after another: `npm run bench`, with `-- --json` for programs. */
import { parseArgs } from 'node:util';
import { benchEncode, defaultEncodeOptions } from './encode.ts';
import { benchAgreement, defaultAgreementOptions } from './agreement.ts';
import { benchDraft, defaultDraftOptions } from './draft.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { benchInsight, defaultInsightOptions } from './insight.ts';
import { benchLibrary, defaultLibraryOptions } from './library.ts';
import { benchMemory, defaultMemoryOptions } from './memory.ts';
import { benchPipeline, defaultPipelineOptions } from './pipeline.ts';
import { benchResponsive, defaultResponsiveOptions } from './responsive.ts';
import { benchWatchIdle, defaultWatchIdleOptions } from './watch-idle.ts';
import { benchWindow, defaultWindowOptions } from './window.ts';

const benches: (() => Promise<BenchResult>)[] = [
  () => benchEncode(defaultEncodeOptions),
  () => benchMemory({ ...defaultMemoryOptions, precision: 'fp32' }),
  () => benchMemory({ ...defaultMemoryOptions, precision: 'int8' }),
  () => benchDraft(defaultDraftOptions),
  () => benchPipeline(defaultPipelineOptions),
  () => benchResponsive(defaultResponsiveOptions),
  () => benchAgreement(defaultAgreementOptions),
  () => benchLibrary(defaultLibraryOptions),
  () => benchInsight(defaultInsightOptions),
  () => benchWatchIdle(defaultWatchIdleOptions),
  () => benchWindow(defaultWindowOptions),
];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const results: BenchResult[] = [];
for (const bench of benches) {
  const result = await bench();
  results.push(result);
  if (!values.json) printResults([result], false);
}
if (values.json) printResults(results, true);
