/** Sets JSON in lines; what is no JSON stays as it is. */

/** @param text what a generator wrote */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
