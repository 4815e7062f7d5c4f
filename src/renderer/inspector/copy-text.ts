/** Puts text on the clipboard, also on pages that were not opened over a safe connection. */

/** @returns whether it is there now */
export async function copyText(text: string): Promise<boolean> {
  // Browsers offer it to pages of this machine and of safe connections alone.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed just now; the old way may be.
    }
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  const before = document.activeElement;
  // Inside an open dialog, which keeps the focus to itself.
  (before?.closest('[role=dialog]') ?? document.body).append(field);
  field.select();
  // Deprecated, and the only way that is left here.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const isCopied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
