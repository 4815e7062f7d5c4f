/**
 * Hands the page its message ports and nothing else of the system, except its locale and the path of a file that was
 * dropped on the page.
 * The page asks with a message to its own window and is answered the same way.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { systemLocaleOf } from '../shared/system-locale.ts';

window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  if (source !== window || origin !== window.location.origin) return;
  if (typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'banger-ports-wanted') {
    ipcRenderer.send('banger-ports-wanted');
  }
});

ipcRenderer.on('banger-port', ({ ports }, { port }: { port: 'engine' | 'shell' }) => {
  window.postMessage({ kind: 'banger-port', port }, window.location.origin, [...ports]);
});

contextBridge.exposeInMainWorld('bangerDesktop', {
  /** The path of a file that the person dropped or chose; empty for one that a script made. */
  pathOfFile: (file: File): string => webUtils.getPathForFile(file),
  /** How the person writes dates, which the page’s own language does not tell; empty where it is unknown. */
  systemLocale: systemLocaleOf(process.argv),
});
