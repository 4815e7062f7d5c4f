/** Says why changes in a folder are not reported, and what a person can do about it. */

export interface Obstacle {
  reason: string;
  nextStep: string | null;
}

export const networkDrive: Obstacle = {
  reason:
    'This folder lies on a network drive, which does not report what other computers change, so it is looked through again and again.',
  nextStep: null,
};

/** What an error of the system that reports changes, or that lists folders, means. */
export function obstacleOf(code: string, platform: NodeJS.Platform = process.platform): Obstacle {
  if (code === 'ENOSPC') {
    return {
      reason: 'The system watches no more folders than this, so this one is looked through again and again.',
      nextStep: 'Raise fs.inotify.max_user_watches: sudo sysctl fs.inotify.max_user_watches=524288',
    };
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return {
      reason: 'The system opens no more files than this, so this folder is looked through again and again.',
      nextStep:
        platform === 'linux'
          ? 'Raise fs.inotify.max_user_instances (sudo sysctl fs.inotify.max_user_instances=1024) or the limit of open files (ulimit -n 4096).'
          : 'Raise the limit of open files: ulimit -n 4096',
    };
  }
  return {
    reason: `The system does not report changes in this folder (${code === '' ? 'unknown reason' : code}), so it is looked through again and again.`,
    nextStep: null,
  };
}
