/**
 * Runs inside the page: sees when rows are painted and which frames are late. Loaded before the page's own code.
 */
/* global window, document, performance, requestAnimationFrame, MutationObserver, MessageChannel */

/** Rows of songs that show something. */
const rowSelector = '[role="row"][aria-selected]';

/** Which songs the rows on screen show, in their order from top to bottom. */
function shownSongs() {
  return [...document.querySelectorAll(rowSelector)]
    .filter((row) => row.textContent.trim() !== '')
    .map((row) => /** @type {const} */ ([row.getBoundingClientRect().top, row.id]))
    .sort(([one], [other]) => one - other)
    .map(([, songId]) => songId)
    .join(' ');
}

/** Resolves with the time after the next frame was painted: a task that follows the frame's own work. */
function afterPaint() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(null);
    });
  });
}

/** Resolves once a condition holds after a change of the page, with the time at which that was painted. */
function whenPainted(condition) {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      observer.disconnect();
      resolve(afterPaint());
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  });
}

window.bangerProbe = {
  /** Milliseconds from the start of the navigation until rows of songs are painted. */
  firstRows: whenPainted(() => shownSongs() !== ''),

  /** Begins to wait for other rows; the clock starts with the person's next click or key. */
  expectOtherRows() {
    const before = shownSongs();
    let startMs = 0;
    for (const name of ['click', 'keydown']) {
      window.addEventListener(
        name,
        (event) => {
          if (startMs === 0) startMs = event.timeStamp;
        },
        { capture: true, once: true },
      );
    }
    this.otherRows = whenPainted(() => {
      const now = shownSongs();
      return startMs !== 0 && now !== '' && now !== before;
    }).then((paintedMs) => paintedMs - startMs);
  },

  /** Begins to note the time of every frame. */
  startFrames() {
    const times = [];
    let isRunning = true;
    const note = (timeMs) => {
      times.push(timeMs);
      if (isRunning) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    this.stopFrames = () => {
      isRunning = false;
      return times;
    };
  },
};
