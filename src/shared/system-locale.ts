/** How the desktop app tells its page the system’s locale: as an argument of the page’s process. */

const start = '--banger-system-locale=';

/** The argument for a locale. @param locale such as `de-CH`; empty where it is unknown */
export function systemLocaleArgument(locale: string): string {
  return start + locale;
}

/** The locale among the arguments of a process; empty without one. */
export function systemLocaleOf(processArguments: readonly string[]): string {
  return processArguments.find((argument) => argument.startsWith(start))?.slice(start.length) ?? '';
}
