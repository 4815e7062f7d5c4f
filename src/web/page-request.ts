/** What is needed of a web request: a few fields, so that old shells can pass requests of their own making. */

export interface PageRequest {
  method: string;
  /** Absolute. */
  url: string;
  headers: { get(name: string): string | null };
  /** Aborted when whoever asked is gone. */
  signal?: AbortSignal | undefined;
}
