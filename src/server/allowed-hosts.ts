/** The names by which this server may be spoken to; a page of another name that leads here is not answered. */
import { isIPv6 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const everyAddress = new Set(['0.0.0.0', '::']);

/** Whether an address that a server listens at can be reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** An address or name as it stands in a URL. */
export function inUrl(address: string): string {
  return isIPv6(address) ? `[${address}]` : address.toLowerCase();
}

/** Checks where requests say that they go and come from. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  /** The name to print. */
  readonly shownName: string;

  /** @param listenAddress the address or name that the server was told to listen at */
  constructor(listenAddress: string) {
    const own = everyAddress.has(listenAddress) ? namesOfThisMachine() : [inUrl(listenAddress)];
    this.#names = new Set([...loopbackNames, ...own]);
    this.shownName = own[0] ?? '127.0.0.1';
  }

  /**
   * Whether a `Host` header names this server. Any port will do: behind a tunnel it is the tunnel's, and a page can
   * forge neither. A name that somebody had lead here (DNS rebinding) is none of ours.
   */
  isAllowed(hostHeader: string | undefined): hostHeader is string {
    const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.exec(hostHeader ?? '') ?? [];
    return name !== undefined && this.#names.has(name.toLowerCase());
  }
}

/** Whether a request was made by a page of this very server: the same name and port that it was sent to. */
export function isOwnOrigin(origin: string | undefined, hostHeader: string): boolean {
  return origin?.toLowerCase() === `http://${hostHeader.toLowerCase()}`;
}

/** Addresses of this machine's networks first, then its names. */
function namesOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .sort((one, other) => one.family.localeCompare(other.family))
    .map(({ address }) => inUrl(address));
  const name = hostname().toLowerCase();
  return [...addresses, name, `${name}.local`];
}
