/** Keeps a pointer from moving the focus. */

/**
 * For `mousedown`: a press on a control does what it does, and the focus stays where it was, so that Space and the
 * arrows go on meaning what they meant. Text can still be selected.
 */
export function keepFocus(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest('button, [role=slider]') !== null) {
    event.preventDefault();
  }
}
