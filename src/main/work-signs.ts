/** What the desktop shows of the work: progress on dock or taskbar, and a notification when a batch is done. */
import { Notification, type BrowserWindow } from 'electron';
import { texts } from './texts.ts';
import type { WorkStatus } from './work-meter.ts';

/** @param status null while no engine runs */
export function showProgress(window: BrowserWindow | null, status: WorkStatus | null): void {
  if (window === null || window.isDestroyed()) return;
  const isNone = status === null || status.state === 'idle';
  if (isNone) window.setProgressBar(-1);
  else
    window.setProgressBar(status.done / status.total, {
      mode: status.state === 'paused' ? 'paused' : 'normal',
    });
}

/** @param onClick brings the person to the songs */
export function showBatchDone(
  { scored, failed }: { scored: number; failed: number },
  onClick: () => void,
): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification(batchDoneTexts(scored, failed));
  notification.on('click', onClick);
  notification.show();
}

function batchDoneTexts(scored: number, failed: number): { title: string; body: string } {
  const { batchDone } = texts;
  if (scored === 0) return { title: batchDone.allFailed(failed), body: batchDone.bodyAllFailed };
  return {
    title: batchDone.title(scored),
    body: failed === 0 ? batchDone.body : batchDone.bodyWithFailed(failed),
  };
}
