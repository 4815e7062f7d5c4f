/** HTML that is put together from parts of which none is trusted unless it was put together here. */
import { escapeXml } from '../../plots/svg-tree.ts';

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | null | readonly Part[];

/** Puts values into a template: markup as it is, everything else as text, lists one after the other, null as nothing. */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const texts = template.map((piece, index) =>
    index < parts.length ? piece + written(parts[index]) : piece,
  );
  return new Markup(texts.join(''));
}

function written(part: Part | undefined): string {
  if (part === null || part === undefined) return '';
  if (part instanceof Markup) return part.text;
  return typeof part === 'object' ? part.map(written).join('') : escapeXml(String(part));
}
