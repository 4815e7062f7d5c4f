/** Draws any chart as SVG into whatever document is handed in; the one door to the library that draws. */
import type { Chart } from './charts.ts';
import { drawReference, drawResiduals, drawScores } from './draw-distributions.ts';
import {
  drawComparison,
  drawComparisonHitRates,
  drawGroups,
  drawHitRates,
  drawModes,
  drawTerms,
  drawTopBottomQuantities,
  drawTopBottomShares,
} from './draw-groups.ts';
import { drawBandErrors, drawGenreErrors, drawHeadMetrics, drawLearningCurve } from './draw-learning.ts';
import { drawCalibration, drawPredictions, drawReferenceQuantiles, drawRelation } from './draw-relations.ts';
import { drawTempoKeys } from './draw-tempo-keys.ts';
import { type Canvas, nameFrame } from './frame.ts';
import type { SvgElement } from './svg-tree.ts';

/**
 * Draws a chart. Its colours are variables (see `palette.ts`), its type that of whatever holds it.
 *
 * @returns an `svg` element of the document, without a place in it
 */
export function drawChart(chart: Chart, canvas: Canvas): SvgElement {
  return nameFrame(canvas, drawData(chart, canvas), chart);
}

function drawData(chart: Chart, canvas: Canvas): SvgElement {
  switch (chart.name) {
    case 'scores':
      return drawScores(canvas, chart.data);
    case 'hit-rates':
      return drawHitRates(canvas, chart.data);
    case 'genres':
    case 'prompts':
    case 'keys':
      return drawGroups(canvas, chart.data);
    case 'terms':
      return drawTerms(canvas, chart.data);
    case 'tempo':
    case 'duration':
    case 'loudness':
    case 'generation-time':
      return drawRelation(canvas, chart.data);
    case 'modes':
      return drawModes(canvas, chart.data);
    case 'tempo-keys':
      return drawTempoKeys(canvas, chart.data);
    case 'top-bottom-shares':
      return drawTopBottomShares(canvas, chart.data);
    case 'top-bottom-quantities':
      return drawTopBottomQuantities(canvas, chart.data);
    case 'reference':
      return drawReference(canvas, chart.data);
    case 'reference-quantiles':
      return drawReferenceQuantiles(canvas, chart.data);
    case 'comparison':
      return drawComparison(canvas, chart.data);
    case 'comparison-hit-rates':
      return drawComparisonHitRates(canvas, chart.data);
    case 'learning-curve':
      return drawLearningCurve(canvas, chart.data);
    case 'head-metrics':
      return drawHeadMetrics(canvas, chart.data);
    case 'predictions':
      return drawPredictions(canvas, chart.data);
    case 'calibration':
      return drawCalibration(canvas, chart.data);
    case 'residuals':
      return drawResiduals(canvas, chart.data);
    case 'genre-errors':
      return drawGenreErrors(canvas, chart.data);
    case 'band-errors':
      return drawBandErrors(canvas, chart.data);
  }
}
