/** Lays rows of text out in columns as wide as a terminal shows them. */
import stringWidth from 'string-width';

/**
 * Pads every column but the last to its widest cell, counting wide characters as a terminal does.
 *
 * @param alignment the side that cells keep to; the last column always starts at the left
 */
export function alignColumns(rows: readonly (readonly string[])[], alignment: 'left' | 'right'): string {
  const columnCount = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columnCount }, (_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === columnCount - 1) return cell;
        const padding = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
        return alignment === 'left' ? cell + padding : padding + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
