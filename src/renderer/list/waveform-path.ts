/** Small waveforms as lines of a drawing: a list scrolls faster over paths than over canvases that are drawn anew. */

export const drawingHeight = 28;
/** Distance of two bars, in the drawing's units. */
export const barStep = 3;

const paths = new WeakMap<Uint8Array, string>();

/** The `d` of a path with one upright line for each height 0..127; made once for each waveform. */
export function waveformPath(heights: Uint8Array): string {
  let path = paths.get(heights);
  if (path === undefined) {
    const lines: string[] = [];
    heights.forEach((height, index) => {
      // The round ends of a line add its width, hence the room at the top and at the bottom.
      const size = Math.max(0.5, (height / 127) * (drawingHeight - 3));
      lines.push(`M${index * barStep + 1.5} ${((drawingHeight - size) / 2).toFixed(1)}v${size.toFixed(1)}`);
    });
    path = lines.join('');
    paths.set(heights, path);
  }
  return path;
}
