/** Makes text from file names and tags safe to print on a terminal. */

/** Control characters but line ends, and the marks that reverse the direction of what follows. */
// eslint-disable-next-line no-control-regex -- finding them is the point: a name could move the cursor or change colours
const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with every control character replaced, so that no name can steer the terminal. */
export function printableText(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printableText(text).replaceAll('\n', '\ufffd');
}
