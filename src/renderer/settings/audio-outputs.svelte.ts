/** The audio outputs that the browser knows; their names come only with a permission. */
import type { Notices } from '../state/notices.svelte.ts';

export class AudioOutputs {
  devices = $state.raw<readonly MediaDeviceInfo[]>([]);
  isRead = $state(false);
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Whether there are outputs of which the browser tells nothing. */
  get needsPermission(): boolean {
    return this.isRead && this.devices.length === 0 && this.#hasUnnamed;
  }

  #hasUnnamed = $state(false);

  /** Reads the outputs, and again whenever one comes or goes. @returns ends that */
  watch(): () => void {
    // Without a secure address there are no devices to ask for.
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (media === undefined) return () => undefined;
    const read = () => void this.#read(media);
    media.addEventListener('devicechange', read);
    read();
    return () => {
      media.removeEventListener('devicechange', read);
    };
  }

  /** Asks for the permission that names come with; nothing is recorded. */
  async askForNames(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
      await this.#read(navigator.mediaDevices);
    } catch (thrown) {
      // A person who says no gets what was there before.
      if (thrown instanceof DOMException && thrown.name === 'NotAllowedError') return;
      this.#notices.showError(thrown);
    }
  }

  async #read(media: MediaDevices): Promise<void> {
    try {
      const outputs = (await media.enumerateDevices()).filter(({ kind }) => kind === 'audiooutput');
      this.devices = outputs.filter(({ deviceId }) => deviceId !== '' && deviceId !== 'default');
      this.#hasUnnamed = outputs.some(({ label }) => label === '');
      this.isRead = true;
    } catch (thrown) {
      this.#notices.showError(thrown);
    }
  }
}
