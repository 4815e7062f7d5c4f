/** Hands a file that the page made to the person: the browser, or the desktop shell, asks or knows where to. */

/** Time that browsers take at most to begin reading what is saved. */
const readWithinMs = 60_000;

/** @param fileName without a folder, such as `genres.svg` */
export function saveFile(fileName: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // It is read after the click has been dealt with; nothing tells when.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, readWithinMs);
}
