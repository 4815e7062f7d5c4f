/** Files and folders that are dropped on the window: only the desktop app can tell where they lie. */
import { strings } from '../strings/en.ts';
import type { AppState } from './app-state.svelte.ts';

/** What the preload offers besides the ports. */
interface DesktopBridge {
  pathOfFile(file: File): string;
}

/** Watches dropped folders, and scores dropped songs. */
export async function takeDrop(app: AppState, event: DragEvent): Promise<void> {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  const bridge = (window as { bangerDesktop?: DesktopBridge }).bangerDesktop;
  if (bridge === undefined) {
    app.notices.show(strings.firstRun.noDropHere);
    app.dialog = 'add-folder';
    return;
  }
  const paths = files.map((file) => bridge.pathOfFile(file)).filter((path) => path !== '');
  await app.openPaths(paths);
}
