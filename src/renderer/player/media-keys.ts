/** The keyboard's media keys and the system's own player: they steer ours, and show what plays. */

export interface MediaKeyActions {
  play: () => void;
  pause: () => void;
  stop: () => void;
  next: () => void;
  previous: () => void;
  seek: (seconds: number) => void;
  /** Relative to where it stands. */
  seekBy: (seconds: number) => void;
}

const usualStepSeconds = 10;

/** Hands media keys on; there is one player in a page, so it holds until the page ends. */
export function useMediaKeys(actions: MediaKeyActions): void {
  const session = mediaSession();
  if (session === null) return;
  session.setActionHandler('play', actions.play);
  session.setActionHandler('pause', actions.pause);
  session.setActionHandler('stop', actions.stop);
  session.setActionHandler('nexttrack', actions.next);
  session.setActionHandler('previoustrack', actions.previous);
  session.setActionHandler('seekto', ({ seekTime }) => {
    if (seekTime !== undefined) actions.seek(seekTime);
  });
  session.setActionHandler('seekforward', ({ seekOffset }) => {
    actions.seekBy(seekOffset ?? usualStepSeconds);
  });
  session.setActionHandler('seekbackward', ({ seekOffset }) => {
    actions.seekBy(-(seekOffset ?? usualStepSeconds));
  });
}

/** Shows a song in the system's player; null for none. */
export function tellWhatPlays(song: { title: string; artist: string; album: string } | null): void {
  const session = mediaSession();
  if (session === null) return;
  session.metadata = song === null ? null : new MediaMetadata(song);
  if (song === null) session.playbackState = 'none';
}

/** Tells the system's player where the song stands. */
export function tellPosition(isPlaying: boolean, positionSeconds: number, durationSeconds: number): void {
  const session = mediaSession();
  if (session === null) return;
  session.playbackState = isPlaying ? 'playing' : 'paused';
  if (durationSeconds <= 0) return;
  const position = Math.min(durationSeconds, Math.max(0, positionSeconds));
  session.setPositionState({ duration: durationSeconds, position, playbackRate: 1 });
}

/** Null in browsers without it. */
function mediaSession(): MediaSession | null {
  return 'mediaSession' in navigator ? navigator.mediaSession : null;
}
