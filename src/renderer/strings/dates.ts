/** Dates and times as the person writes them: by the locale of their system, or of their browser. */

/** What the desktop app hands over, as it knows the system’s locale better than its page does. */
interface DesktopBridge {
  systemLocale: string;
}

const forms = {
  /** `26 Nov 2026, 01:10` */
  moment: { dateStyle: 'medium', timeStyle: 'short' },
  /** `26 Nov 2026` */
  day: { dateStyle: 'medium' },
  /** `26 November 2026`, within a sentence. */
  longDay: { dateStyle: 'long' },
  /** `Thu 26 Nov`, of this year. */
  weekday: { weekday: 'short', day: 'numeric', month: 'short' },
  /** `01:10` */
  time: { timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Undefined for the browser’s own. */
const ownLocale = knownLocale(
  (globalThis as { bangerDesktop?: DesktopBridge }).bangerDesktop?.systemLocale ?? '',
);

/** Making one takes far longer than using it, and every row of the list may need one. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * A moment in words, in the person’s time zone.
 *
 * @param moment milliseconds since 1970, or a date in ISO 8601
 * @param form how much of it; the examples are British
 * @param locale the person’s own unless told
 */
export function formatDate(
  moment: number | string,
  form: keyof typeof forms,
  locale: string | undefined = ownLocale,
): string {
  const key = `${form} ${locale ?? ''}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, forms[form]);
    formats.set(key, format);
  }
  return format.format(new Date(moment));
}

/** A locale that dates can be written in; undefined for one that is unknown, and for what is none, such as `C`. */
function knownLocale(name: string): string | undefined {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(name)[0];
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}
