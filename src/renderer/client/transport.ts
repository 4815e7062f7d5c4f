/** What brings messages to engine and shell, whichever way the page was opened. */
import type { MessageChannelLike } from '../../shared/command-channel.ts';

export type ChannelName = 'engine' | 'shell';

/** Told a new channel whenever there is one, and null when it is lost. */
export type TransportListener = (name: ChannelName, channel: MessageChannelLike | null) => void;

export interface Transport {
  /** Ends the connection for good. */
  close(): void;
}
