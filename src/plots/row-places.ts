/** Areas of a picture that say which row of its chart’s first table they stand for, so that a pointer can choose it. */
import type { RenderFunction } from '@observablehq/plot';
import type { SvgElement } from './svg-tree.ts';

/** Carries the row’s place in the table, from 0. */
export const rowAttribute = 'data-row';

interface RowPlace {
  /** Place in the first table. */
  row: number;
}

/** How the grammar draws a mark, in the types of plots. */
type Draw = (
  index: readonly number[],
  ...rest: [scales: unknown, values: unknown, dimensions: unknown, context: unknown, next?: Draw]
) => SvgElement | null;

/** Options for a mark whose shapes are such areas; they lie below everything else and are not seen. */
export function rowAreas(places: readonly RowPlace[]) {
  const draw: Draw = (index, scales, values, dimensions, context, next) => {
    const drawn = next?.(index, scales, values, dimensions, context) ?? null;
    const shapes = Array.from(drawn?.childNodes ?? []) as SvgElement[];
    for (const [place, item] of Array.from(index).entries()) {
      shapes[place]?.setAttribute(rowAttribute, String(places[item]?.row ?? 0));
    }
    return drawn;
  };
  return { fill: 'transparent', render: draw as unknown as RenderFunction } as const;
}
